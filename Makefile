# make demo    install what is missing, build, run the main job on real data, print the table
# make check   install what is missing, build, test
# make bench   speeds, as ratios to what bounds them;  make parity: comparisons with the peers
# make         build into build/bin (SAN=1: with sanitizers, into build/san/bin)
# make man     manual pages into build/man;  make install, uninstall: PREFIX, DESTDIR;  make dist: a tarball in build
CC      ?= cc
CFLAGS  ?= -O3 -g
PREFIX  ?= /usr/local
B       := build$(if $(SAN),/san)
ARCH    := $(shell $(CC) -print-multiarch 2>/dev/null)

PKGS    := libarchive libjpeg libpng libwebp msgpack jansson libxxhash libutf8proc zlib
BLIS    := $(firstword $(wildcard $(addsuffix /$(ARCH)/blis-serial,/usr/lib /usr/lib64) /usr/local/lib /usr/lib /usr/lib64))
BLISINC := $(firstword $(wildcard /usr/include/$(ARCH)/blis-serial /usr/local/include/blis /usr/include/blis) /usr/include)

override CPPFLAGS += -D_POSIX_C_SOURCE=200809L -Ilibcommon -I. -I$(B)/gen
override CFLAGS   += -std=c11 -pthread -fno-math-errno -fno-trapping-math -ffp-contract=off -MMD -MP \
	-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wno-missing-field-initializers
override LDLIBS   += $(shell pkg-config --libs $(PKGS) 2>/dev/null) -L$(BLIS) -Wl,-rpath,$(BLIS) -lblis -lm -pthread
ifdef SAN
override CFLAGS   += -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
override LDFLAGS  += -fsanitize=address,undefined
endif

# System headers are included as -isystem: their warnings are not ours.
SYSTEM  := $(patsubst -I%,-isystem %,$(shell pkg-config --cflags $(PKGS) 2>/dev/null)) -isystem $(BLISINC)
TOOLS   := $(patsubst tools/%.c,$(B)/bin/%,$(wildcard tools/cc-*.c))
LIBSRC  := $(wildcard libcommon/*/*.c formats/*.c tools/*/*.c)
LIBOBJ  := $(LIBSRC:%.c=$(B)/obj/%.o)
UNITS   := $(patsubst tests/unit/%.c,$(B)/test/%,$(wildcard tests/unit/*.c))
BENCHES := $(patsubst tests/bench/%.c,$(B)/bench/%,$(wildcard tests/bench/*.c))
FUZZERS := $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,$(wildcard tests/fuzz/*.c))
DEPS     = $(wildcard $(B)/obj/*/*.d $(B)/obj/*/*/*.d)

all: $(TOOLS)
check: deps
	tests/check.sh
demo: deps
	@$(MAKE) -s all
	@pipelines/demo.sh
bench: deps
	@$(MAKE) -s all benches
	@tests/bench/run.sh
parity: deps
	@$(MAKE) -s all benches
	@tests/parity.sh
deps:
	@pipelines/deps.sh
units: $(UNITS)
benches: $(BENCHES)
fuzzers: $(FUZZERS)
clean:
	rm -rf build

# A page for each tool, and for each verb of those that have some: the tools print them.
man: $(TOOLS)
	@rm -rf $(B)/man && mkdir -p $(B)/man/man1 $(B)/man/man7
	@for tool in $(TOOLS); do \
		name=$${tool##*/}; $$tool --man >$(B)/man/man1/$$name.1 || exit 1; \
		for verb in $$($$tool --complete '' | grep -v '^-'); do $$tool $$verb --man >$(B)/man/man1/$$name-$$verb.1 || exit 1; done; \
	done
	@pipelines/overview.sh $(B)/bin >$(B)/man/man7/cleanclip.7

SHARE   := $(DESTDIR)$(PREFIX)/share
install: all man
	install -d $(DESTDIR)$(PREFIX)/bin $(SHARE)/man/man1 $(SHARE)/man/man7 $(SHARE)/bash-completion/completions $(SHARE)/cleanclip
	install $(TOOLS) $(DESTDIR)$(PREFIX)/bin
	install -m 644 $(B)/man/man1/* $(SHARE)/man/man1
	install -m 644 $(B)/man/man7/* $(SHARE)/man/man7
	for tool in $(notdir $(TOOLS)); do install -m 644 tools/common/complete.bash $(SHARE)/bash-completion/completions/$$tool; done
	cp -R pipelines/*.mk pipelines/*.sh pipelines/*.slurm pipelines/MANUAL.md pipelines/models pipelines/paper pipelines/plots pipelines/templates $(SHARE)/cleanclip
uninstall:
	for tool in $(notdir $(TOOLS)); do \
		rm -f $(DESTDIR)$(PREFIX)/bin/$$tool $(SHARE)/man/man1/$$tool.1 $(SHARE)/man/man1/$$tool-*.1 $(SHARE)/bash-completion/completions/$$tool; \
	done
	rm -rf $(SHARE)/man/man7/cleanclip.7 $(SHARE)/cleanclip

VERSION := $(shell sed -n 's/.*TOOL_VERSION "\(.*\)"/\1/p' tools/common/tool.h)
dist:
	@mkdir -p build
	git archive --prefix=cleanclip-$(VERSION)/ -o build/cleanclip-$(VERSION).tar.gz HEAD
	@echo build/cleanclip-$(VERSION).tar.gz
format:
	clang-format -i $(wildcard libcommon/*/*.[ch] formats/*.[ch] tools/*.[ch] tools/*/*.[ch] tests/*/*.[ch])

$(B)/bin/%: $(B)/obj/tools/%.o $(B)/libcc.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) $< $(B)/libcc.a $(LDLIBS) -o $@
$(B)/test/% $(B)/bench/% $(B)/fuzz/%: $(B)/libcc.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) $(filter %.o,$^) $(B)/libcc.a $(LDLIBS) $(if $(findstring /test/,$@),-lcmocka) -o $@
$(UNITS):   $(B)/test/%:  $(B)/obj/tests/unit/%.o
$(BENCHES): $(B)/bench/%: $(B)/obj/tests/bench/%.o
$(FUZZERS): $(B)/fuzz/%:  $(B)/obj/tests/fuzz/%.o
$(B)/libcc.a: $(LIBOBJ)
	@rm -f $@
	$(AR) rcs $@ $^
$(B)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(SYSTEM) $(CFLAGS) -c $< -o $@

.PHONY: all check demo bench parity deps units benches fuzzers clean format man install uninstall dist
.SECONDARY:
-include $(DEPS)
