# make demo       install what is missing, build, run the main job on real data, print the table
# make check      install what is missing, build, test
# make            build into build/bin (SAN=1: with sanitizers, into build/san/bin)
# make deps       install the packages that are needed to build and to run the demo
# make bench      measure speed, as ratios to hardware limits and to peers
# make parity     compare results with peers: Pillow, PyTorch, open_clip and others
# make man        write the manual pages into build/man
# make install    install below PREFIX (/usr/local), or below DESTDIR/PREFIX; make uninstall removes it
# make dist       write a source tarball into build
# make format     run clang-format over the sources
CC      ?= cc
CFLAGS  ?= -O3 -g
PREFIX  ?= /usr/local
B       := build$(if $(SAN),/san)
ARCH    := $(shell $(CC) -print-multiarch 2>/dev/null)

include pipelines/variables.mk
$(call check_variables,Makefile $(wildcard $(addprefix pipelines/,demo.sh demo-data.sh download.sh deps.sh install.sh) pipelines/cleanclip.mk pipelines/common.mk tests/*.sh tests/bench/*.sh))

# msgpack-c's module has two names.
MSGPACK := $(shell pkg-config --exists msgpack 2>/dev/null && echo msgpack || echo msgpack-c)
PKGS    := libarchive libjpeg libpng libwebp $(MSGPACK) jansson libxxhash libutf8proc zlib nettle
# Optional: contact sheets in any script.  PANGO= builds without it.  Only cc-view loads it.  Not with the sanitizers, which take
# fontconfig's caches for leaks; so the tests run both ways.
PANGO   := $(if $(SAN),,$(shell pkg-config --exists pangocairo 2>/dev/null && echo pangocairo))
BLIS    := $(firstword $(wildcard $(addsuffix /$(ARCH)/blis-serial,/usr/lib /usr/lib64) /usr/local/lib /usr/lib /usr/lib64))
BLISINC := $(firstword $(wildcard /usr/include/$(ARCH)/blis-serial /usr/local/include/blis /usr/include/blis) /usr/include)

OUR_CPPFLAGS := -D_POSIX_C_SOURCE=200809L -Ilibcommon -I.
OUR_CFLAGS := -std=c11 -pthread -fno-math-errno -fno-trapping-math -ffp-contract=off -MMD -MP \
	-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wno-missing-field-initializers
OUR_LDLIBS := $(shell pkg-config --libs $(PKGS) 2>/dev/null) -L$(BLIS) -Wl,-rpath,$(BLIS) -lblis -lm -pthread
ifneq ($(PANGO),)
OUR_CPPFLAGS += -DHAVE_PANGO
OUR_LDLIBS += -Wl,--push-state,--as-needed $(shell pkg-config --libs $(PANGO)) -Wl,--pop-state
endif
ifdef SAN
OUR_CFLAGS += -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
endif

# -isystem: no warnings about the headers of libraries
SYSTEM  := $(patsubst -I%,-isystem %,$(shell pkg-config --cflags $(PKGS) $(PANGO) 2>/dev/null)) -isystem $(BLISINC)
COMPILE := $(CPPFLAGS) $(OUR_CPPFLAGS) $(SYSTEM) $(CFLAGS) $(OUR_CFLAGS)
TOOLS   := $(patsubst tools/%.c,$(B)/bin/%,$(wildcard tools/cc-*.c))
LIBSRC  := $(wildcard libcommon/*/*.c formats/*/*.c tools/*/*.c)
LIBOBJ  := $(LIBSRC:%.c=$(B)/obj/%.o)
UNITS   := $(patsubst tests/unit/%.c,$(B)/test/%,$(wildcard tests/unit/*.c))
BENCHES := $(patsubst tests/bench/%.c,$(B)/bench/%,$(wildcard tests/bench/*.c))
FUZZERS := $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,$(wildcard tests/fuzz/*.c))
DEPS     = $(wildcard $(B)/obj/*/*.d $(B)/obj/*/*/*.d)

all: $(TOOLS)
help:
	@sed -n '/^#/!q; s/^# //p' $(firstword $(MAKEFILE_LIST))
check:
	@pipelines/deps.sh build demo paper check
	@pipelines/deps.sh extra || echo "optional libraries are missing; continuing without them" >&2
	tests/check.sh
# Pass these values to the demo literally: make would expand a $ in them.
$(foreach v,DATA CLASSES TARGET OUT,$(if $(findstring $$,$(value $(v))),$(eval override export $(v) := $$(value $(v)))))
demo: deps
	@$(MAKE) -s all
	@pipelines/demo.sh
bench:
	@pipelines/deps.sh build demo check
	@$(MAKE) -s all benches
	@tests/bench/run.sh
parity:
	@pipelines/deps.sh build demo check
	@$(MAKE) -s all benches
	@tests/parity.sh
deps:
	@pipelines/deps.sh build demo
units: $(UNITS)
benches: $(BENCHES)
fuzzers: $(FUZZERS)
clean:
	rm -rf build

# One page per tool and per verb; the tools print them.
man: $(TOOLS)
	@rm -rf $(B)/man && mkdir -p $(B)/man/man1 $(B)/man/man7
	@for tool in $(TOOLS); do \
		name=$${tool##*/}; $$tool --man >$(B)/man/man1/$$name.1 || exit 1; \
		for verb in $$($$tool --complete '' | grep -v '^-'); do $$tool $$verb --man >$(B)/man/man1/$$name-$$verb.1 || exit 1; done; \
	done
	@pipelines/overview.sh $(B)/bin >$(B)/man/man7/cleanclip.7
	@awk -f tools/cli/markdown-man.awk -v section=7 -v version='$(VERSION)' formats/STREAM.md >$(B)/man/man7/cleanclip-stream.7

# Quoted for the shell
PLACE   := '$(subst ','\'',$(DESTDIR)$(PREFIX))'
SHARE   := $(PLACE)/share
install: all man
	install -d $(PLACE)/bin $(SHARE)/man/man1 $(SHARE)/man/man7 $(SHARE)/bash-completion/completions $(SHARE)/zsh/site-functions \
		$(SHARE)/fish/vendor_completions.d $(SHARE)/cleanclip
	install $(TOOLS) $(PLACE)/bin
	install -m 644 $(B)/man/man1/* $(SHARE)/man/man1
	install -m 644 $(B)/man/man7/* $(SHARE)/man/man7
	for tool in $(notdir $(TOOLS)); do \
		install -m 644 tools/cli/complete.bash $(SHARE)/bash-completion/completions/$$tool; \
		install -m 644 tools/cli/complete.fish $(SHARE)/fish/vendor_completions.d/$$tool.fish; \
	done
	install -m 644 tools/cli/complete.zsh $(SHARE)/zsh/site-functions/_cleanclip
	cp -R pipelines/*.mk pipelines/*.sh pipelines/*.awk pipelines/*.slurm pipelines/manual pipelines/examples pipelines/models pipelines/paper pipelines/plots pipelines/templates $(SHARE)/cleanclip
uninstall:
	for tool in $(notdir $(TOOLS)); do \
		rm -f $(PLACE)/bin/$$tool $(SHARE)/man/man1/$$tool.1 $(SHARE)/man/man1/$$tool-*.1 $(SHARE)/bash-completion/completions/$$tool \
			$(SHARE)/fish/vendor_completions.d/$$tool.fish; \
	done
	rm -f $(SHARE)/zsh/site-functions/_cleanclip
	rm -rf $(SHARE)/man/man7/cleanclip.7 $(SHARE)/man/man7/cleanclip-stream.7 $(SHARE)/cleanclip

VERSION := $(shell sed -n 's/.*TOOL_VERSION "\(.*\)"/\1/p' tools/cli/tool.h)
dist:
	@mkdir -p build
	git archive --prefix=cleanclip-$(VERSION)/ -o build/cleanclip-$(VERSION).tar.gz HEAD
	@echo build/cleanclip-$(VERSION).tar.gz
format:
	@[ -x build/format/bin/clang-format ] || tests/tool/format.t >/dev/null || [ -x build/format/bin/clang-format ]
	build/format/bin/clang-format -i $(wildcard libcommon/*/*.[ch] formats/*/*.[ch] tools/*.[ch] tools/*/*.[ch] tests/*/*.[ch])

define LINK
@mkdir -p $(@D)
$(CC) $(CFLAGS) $(OUR_CFLAGS) $(LDFLAGS) $(filter %.o %.a,$^) $(LDLIBS) $(OUR_LDLIBS) $(1) -o $@
endef
$(TOOLS):   $(B)/bin/%:   $(B)/obj/tools/%.o $(B)/libcc.a $(B)/flags
	$(LINK)
$(UNITS):   $(B)/test/%:  $(B)/obj/tests/unit/%.o $(B)/libcc.a $(B)/flags
	$(call LINK,-lcmocka)
$(BENCHES): $(B)/bench/%: $(B)/obj/tests/bench/%.o $(B)/libcc.a $(B)/flags
	$(LINK)
$(FUZZERS): $(B)/fuzz/%:  $(B)/obj/tests/fuzz/%.o $(B)/libcc.a $(B)/flags
	$(LINK)
$(B)/test/test_image_encode: OUR_LDLIBS += -Wl,--wrap=realloc
$(B)/libcc.a: $(LIBOBJ) $(B)/sources
	@rm -f $@
	$(AR) rcs $@ $(LIBOBJ)
$(B)/obj/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(CC) $(COMPILE) -c $< -o $@

# Rebuild after the flags changed or a source was removed.
FLAGS   := $(strip $(CC) $(COMPILE) $(LDFLAGS) $(LDLIBS) $(OUR_LDLIBS))
ifneq ($(FLAGS),$(file <$(B)/flags))
.PHONY: $(B)/flags
endif
ifneq ($(LIBSRC),$(file <$(B)/sources))
.PHONY: $(B)/sources
endif
$(B)/flags:   SAYS = $(FLAGS)
$(B)/sources: SAYS = $(LIBSRC)
$(B)/flags: LIBRARIES = pipelines/deps.sh --check
$(B)/flags $(B)/sources:
	@$(LIBRARIES)
	@mkdir -p $(@D)
	@printf '%s\n' '$(subst ','\'',$(SAYS))' >$@

.PHONY: all help check demo bench parity deps units benches fuzzers clean format man install uninstall dist
.SECONDARY:
-include $(DEPS)
