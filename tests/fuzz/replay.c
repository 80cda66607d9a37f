/* Gives a harness every file of a corpus, and each of them with one byte changed or its end cut off, in turn. Runs
 * under `make check`, without libFuzzer.
 *
 * replay DIRECTORY (by default $srcdir/tests/fuzz/corpus_NAME for the program fuzz_NAME) */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INPUT_MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void replay(const uint8_t *input, size_t size)
{
        static const uint8_t bytes[] = {0, 1, 0x3f, 0x40, 0x80, 0xc0, 0xff};
        uint8_t changed[INPUT_MAX];

        for (size_t cut = 0; cut <= size; cut++)
                LLVMFuzzerTestOneInput(input, cut);
        for (size_t i = 0; i < size; i++)
                for (size_t b = 0; b < sizeof(bytes); b++) {
                        memcpy(changed, input, size);
                        changed[i] = bytes[b];
                        LLVMFuzzerTestOneInput(changed, size);
                }
}

static unsigned replay_all(const char *directory)
{
        uint8_t input[INPUT_MAX];
        char path[1400];
        unsigned count = 0;
        struct dirent *entry;
        DIR *d = opendir(directory);

        while (d && (entry = readdir(d))) {
                snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
                FILE *f = entry->d_name[0] == '.' ? NULL : fopen(path, "re");
                if (!f)
                        continue;
                replay(input, fread(input, 1, sizeof(input), f));
                fclose(f);
                count++;
        }
        if (d)
                closedir(d);
        return count;
}

int main(int argc, char **argv)
{
        const char *top = getenv("srcdir"), *name = strrchr(argv[0], '/');
        char directory[1024];

        name = name ? name + 1 : argv[0];
        snprintf(directory, sizeof(directory), "%s/tests/fuzz/corpus_%s", top ? top : ".",
                 strncmp(name, "fuzz_", 5) ? name : name + 5);
        if (argc > 1)
                snprintf(directory, sizeof(directory), "%s", argv[1]);
        unsigned count = replay_all(directory);
        printf("%u inputs of %s\n", count, directory);
        return count ? EXIT_SUCCESS : EXIT_FAILURE;
}
