/* The same addon against Node-API, whose binary interface stays. */
#include <node_api.h>

#include "crc32.h"

static napi_value Crc32(napi_env env, napi_callback_info call) {
  napi_value text, sum;
  char bytes[64];
  size_t count = 1, length;
  if (napi_get_cb_info(env, call, &count, &text, NULL, NULL) != napi_ok ||
      napi_get_value_string_utf8(env, text, bytes, sizeof bytes, &length) != napi_ok ||
      napi_create_uint32(env, crc32(bytes, length), &sum) != napi_ok)
    return NULL;
  return sum;
}

static napi_value Start(napi_env env, napi_value exports) {
  napi_value function;
  if (napi_create_function(env, "crc32", NAPI_AUTO_LENGTH, Crc32, NULL, &function) != napi_ok ||
      napi_set_named_property(env, exports, "crc32", function) != napi_ok)
    return NULL;
  return exports;
}

NAPI_MODULE(seal, Start)
