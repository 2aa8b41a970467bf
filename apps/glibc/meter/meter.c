/* Counts with four threads. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

enum { THREADS = 4, STEPS = 100000 };

static atomic_int counted;

static void *count(void *unused) {
  for (int step = 0; step < STEPS; step++) counted++;
  return unused;
}

int main(void) {
  pthread_t threads[THREADS];
  for (int one = 0; one < THREADS; one++)
    if (pthread_create(&threads[one], NULL, count, NULL)) return 1;
  for (int one = 0; one < THREADS; one++) pthread_join(threads[one], NULL);
  printf("%d threads counted to %d\n", THREADS, counted);
  return 0;
}
