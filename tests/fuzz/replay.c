/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Stands in for libFuzzer in the ordinary build: feeds each file of the folders given to the target, one TAP
 * line a file.  A crash ends the program, which is the failure. */

#include <dirent.h>
#include <limits.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void replay(const char *path)
{
    static uint8_t bytes[1 << 20];
    FILE *f = fopen(path, "rb");
    size_t n = f ? fread(bytes, 1, sizeof bytes, f) : 0;
    uint8_t *exact = malloc(n ? n : 1);

    if (f) fclose(f);
    if (!exact) return;
    if (n) memcpy(exact, bytes, n);
    LLVMFuzzerTestOneInput(exact, n);
    free(exact);
}

static int replay_folder(const char *folder, int count)
{
    char path[PATH_MAX];
    struct dirent *entry;
    DIR *d = opendir(folder);

    if (!d) return count;
    while ((entry = readdir(d))) {
        if (entry->d_name[0] == '.') continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        replay(path);
        printf("ok %d - %s\n", ++count, entry->d_name);
    }
    closedir(d);
    return count;
}

int main(int argc, char **argv)
{
    int count = 0;

    for (int i = 1; i < argc; i++) count = replay_folder(argv[i], count);
    printf("1..%d\n", count);
    return count == 0;
}
