/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Drop folders on the disk: no path and no link leads out, no move replaces anything, what is copied is a plain file. */
#include "core/drop.h"

#include "base/tap.h"
#include "core/folder.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static Str scratch(Arena *mem)
{
    char *dir = str_to_c(mem, S("/tmp/kith-drop-test-XXXXXX"));

    NEED(mkdtemp(dir) != NULL);
    return str_c(dir);
}

static const char *at(Arena *mem, Str root, const char *name)
{
    return str_to_c(mem, str_fmt(mem, "%.*s/%s", SFMT(root), name));
}

TEST(paths_go_down_only)
{
    static const char *const GOOD[] = {"a", "a/b", "Склад/лиды", "a b", "a..b/c."};
    static const char *const BAD[] = {"",     "/a",   "a/",   "a//b", "..",        "a/../b", ".",    "./a",
                                      ".ssh", "a/.b", "a\\b", "a\nb", "a/working", "done",   "a\xff"};

    for (size_t i = 0; i < sizeof GOOD / sizeof *GOOD; i++) CHECK(drop_path_is_good(str_c(GOOD[i])));
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) CHECK(!drop_path_is_good(str_c(BAD[i])));
    CHECK(!drop_path_is_good((Str){"a\0b", 3}));
}

TEST(links_are_not_followed)
{
    Str root = scratch(mem), outside = scratch(mem);
    DropDirs dirs = {0};

    NEED(symlink(str_to_c(mem, outside), at(mem, root, "way")) == 0);
    CHECK_ERR(drop_open(mem, root, S("way"), &dirs), ERR_UNAVAILABLE);
    CHECK_ERR(drop_open(mem, root, S("way/in"), &dirs), ERR_UNAVAILABLE);
    CHECK_OK(drop_open(mem, root, S("a/b"), &dirs));
    NEED(unlinkat(dirs.top, "done", AT_REMOVEDIR) == 0 &&
         symlinkat(str_to_c(mem, outside), dirs.top, "done") == 0);
    CHECK_ERR(drop_open(mem, root, S("a/b"), &dirs), ERR_UNAVAILABLE);
    CHECK_OK(folder_remove(mem, root));
    CHECK_OK(folder_remove(mem, outside));
}

TEST(only_plain_finished_files_are_listed)
{
    static const char *const NAMES[] = {"a.csv",  "B.XLSX",     "ж.vcf", ".a.csv",
                                        "~a.csv", "a.csv.part", "a",     "x.exe"};
    Str root = scratch(mem);
    DropDirs dirs = {0};
    DropFile *files = NULL;
    size_t n = 0, odd = 0;

    CHECK_OK(drop_open(mem, root, S("in"), &dirs));
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        CHECK_OK(drop_write(mem, dirs.top, str_c(NAMES[i]), S("x")));
    NEED(symlinkat("a.csv", dirs.top, "link.csv") == 0 && mkfifoat(dirs.top, "pipe.csv", 0600) == 0);
    CHECK_OK(drop_list(mem, dirs.top, &files, &n, &odd));
    NEED(n == 3);
    CHECK_STR(files[0].name, "B.XLSX");
    CHECK_STR(files[1].name, "a.csv");
    CHECK_EQ_INT(odd, 7);
    CHECK_OK(folder_remove(mem, root));
}

TEST(a_move_replaces_nothing)
{
    Str root = scratch(mem);
    DropDirs dirs = {0};
    bool moved = true;

    CHECK_OK(drop_open(mem, root, S("in"), &dirs));
    CHECK_OK(drop_write(mem, dirs.top, S("a.csv"), S("new")));
    CHECK_OK(drop_write(mem, dirs.done, S("a.csv"), S("old")));
    CHECK_OK(drop_move(mem, dirs.top, S("a.csv"), dirs.done, S("a.csv"), &moved));
    CHECK(!moved);
    CHECK_STR(drop_free_name(mem, dirs.done, S("a.csv")), "a-2.csv");
    CHECK_OK(drop_move(mem, dirs.top, S("a.csv"), dirs.done, S("a-2.csv"), &moved));
    CHECK(moved);
    CHECK_OK(drop_move(mem, dirs.top, S("a.csv"), dirs.done, S("a-3.csv"), &moved));
    CHECK(!moved);
    CHECK_OK(folder_remove(mem, root));
}

TEST(a_copy_is_of_a_plain_file)
{
    Str root = scratch(mem), sha = {0};
    DropDirs dirs = {0};
    uint64_t size = 0;
    int fd = -1;

    CHECK_OK(drop_open(mem, root, S("in"), &dirs));
    CHECK_OK(drop_write(mem, dirs.top, S("a.csv"), S("abc")));
    CHECK_OK(drop_copy(mem, dirs.top, S("a.csv"), root, 3, &fd, &size, &sha));
    CHECK_EQ_INT(size, 3);
    CHECK_STR(sha, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK_ERR(drop_copy(mem, dirs.top, S("a.csv"), root, 2, &fd, &size, &sha), ERR_INVALID);
    NEED(linkat(dirs.top, "a.csv", dirs.top, "b.csv", 0) == 0 && symlinkat("a.csv", dirs.top, "c.csv") == 0 &&
         mkfifoat(dirs.top, "d.csv", 0600) == 0);
    CHECK_ERR(drop_copy(mem, dirs.top, S("b.csv"), root, 9, &fd, &size, &sha), ERR_INVALID);
    CHECK_ERR(drop_copy(mem, dirs.top, S("c.csv"), root, 9, &fd, &size, &sha), ERR_INVALID);
    CHECK_ERR(drop_copy(mem, dirs.top, S("d.csv"), root, 9, &fd, &size, &sha), ERR_INVALID);
    CHECK_ERR(drop_copy(mem, dirs.top, S("e.csv"), root, 9, &fd, &size, &sha), ERR_NOT_FOUND);
    CHECK_OK(folder_remove(mem, root));
}
