/* Prints the fingerprint that a receipt was archived with. */
#include <openssl/evp.h>
#include <stdio.h>

int main(void) {
  static const char receipt[] = "abc";
  unsigned char sum[EVP_MAX_MD_SIZE];
  unsigned int length;
  if (!EVP_Digest(receipt, sizeof receipt - 1, sum, &length, EVP_md5(), NULL)) return 1;
  for (unsigned int place = 0; place < length; place++) printf("%02x", sum[place]);
  putchar('\n');
  return 0;
}
