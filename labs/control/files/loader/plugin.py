"""What somebody dropped into the folder."""


def greeting():
    return "hello from a plug-in"
