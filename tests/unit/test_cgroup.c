/* Limits of control groups, read from trees like those of the kernel. */
#define _XOPEN_SOURCE 700
#include "tools/cli/machine.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char root[] = "/tmp/cgroup-XXXXXX";
static char list[64];
static const struct cgroups cgroups = { list, root };

static void put(const char *name, const char *text)
{
	char path[256];

	snprintf(path, sizeof path, "%s/%s", root, name);
	for (char *slash = strchr(path + sizeof root, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = 0;
		mkdir(path, 0700);
		*slash = '/';
	}
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
	(void)status, (void)kind, (void)place;
	return remove(path);
}

static int setup(void **state)
{
	(void)state;
	strcpy(root + sizeof root - 7, "XXXXXX");
	if (!mkdtemp(root))
		return -1;
	snprintf(list, sizeof list, "%s/list", root);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return nftw(root, remove_one, 8, FTW_DEPTH);
}

static void version_two(void **state)
{
	(void)state;
	put("list", "0::/a/b\n");
	put("a/b/cpu.max", "max 100000\n");
	put("a/b/memory.max", "max\n");
	assert_true(cpus_of_groups(&cgroups) == UINT64_MAX);
	assert_true(memory_of_groups(&cgroups) == UINT64_MAX);
	put("a/cpu.max", "250000 100000\n");
	put("a/memory.max", "1000000\n");
	put("a/memory.current", "400000\n");
	put("a/memory.stat", "anon 7\ninactive_file 100000\n");
	assert_int_equal(cpus_of_groups(&cgroups), 3);
	assert_int_equal(memory_of_groups(&cgroups), 700000);
	put("a/b/memory.max", "1000\n");
	put("a/b/memory.current", "2000\n");
	assert_int_equal(memory_of_groups(&cgroups), 0);
}

static void version_one(void **state)
{
	(void)state;
	put("list", "9:memory:/job/step\n4:cpu,cpuacct:/job\n1:name=systemd:/x\n0::/\n");
	put("memory/job/step/memory.limit_in_bytes", "9223372036854771712\n");
	put("memory/job/memory.limit_in_bytes", "5000000\n");
	put("memory/job/memory.usage_in_bytes", "3000000\n");
	put("memory/job/memory.stat", "inactive_file 1\ntotal_inactive_file 500000\n");
	put("cpu,cpuacct/job/cpu.cfs_quota_us", "-1\n");
	put("cpu,cpuacct/job/cpu.cfs_period_us", "100000\n");
	assert_true(cpus_of_groups(&cgroups) == UINT64_MAX);
	assert_int_equal(memory_of_groups(&cgroups), 2500000);
	put("cpu,cpuacct/cpu.cfs_quota_us", "150000\n");
	put("cpu,cpuacct/cpu.cfs_period_us", "100000\n");
	assert_int_equal(cpus_of_groups(&cgroups), 2);
}

static void none(void **state)
{
	(void)state;
	assert_true(cpus_of_groups(&cgroups) == UINT64_MAX);
	assert_true(memory_of_groups(&cgroups) == UINT64_MAX);
	assert_true(cpus_usable() >= 1);
	assert_true(memory_free() > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(version_two, setup, teardown),
		cmocka_unit_test_setup_teardown(version_one, setup, teardown),
		cmocka_unit_test_setup_teardown(none, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
