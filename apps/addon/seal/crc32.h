#include <stddef.h>
#include <stdint.h>

/* The CRC-32 of zip and gzip, bit by bit. */
static uint32_t crc32(const char *bytes, size_t length) {
  uint32_t sum = 0xffffffff;
  for (size_t place = 0; place < length; place++) {
    sum ^= (unsigned char)bytes[place];
    for (int bit = 0; bit < 8; bit++) sum = (sum >> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum;
}
