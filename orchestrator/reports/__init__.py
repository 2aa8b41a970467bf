"""Events -> text, one function per form. Renderers are strangers to each other."""
