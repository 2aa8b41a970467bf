// An addon as they were written for years: straight against V8.
#include <node.h>

#include "crc32.h"

static void Crc32(const v8::FunctionCallbackInfo<v8::Value>& call) {
  v8::String::Utf8Value text(call.GetIsolate(), call[0]);
  call.GetReturnValue().Set(crc32(*text, text.length()));
}

static void Start(v8::Local<v8::Object> exports) { NODE_SET_METHOD(exports, "crc32", Crc32); }

NODE_MODULE(seal, Start)
