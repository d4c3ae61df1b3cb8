# tlspol: build, check, demo, bench, lint, fuzz, install. `make help` lists the targets.

B       ?= build
PREFIX  ?= /usr/local
DESTDIR ?=
VERSION := 0.1.0

bindir  = $(PREFIX)/bin
libdir  = $(PREFIX)/lib/tlspol
mandir  = $(PREFIX)/share/man
bashdir = $(PREFIX)/share/bash-completion/completions
zshdir  = $(PREFIX)/share/zsh/site-functions
fishdir = $(PREFIX)/share/fish/vendor_completions.d

CC       ?= cc
PKGS      = glib-2.0 libmariadb openssl yaml-0.1 libidn2 smartcols jansson
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
PKG_LIBS   := $(shell pkg-config --libs $(PKGS) 2>/dev/null)
# What only the live part of net/ needs.
NET_PKGS  = libevent libevent_openssl libunbound
# libunbound.pc names packages that libunbound-dev does not bring, so --cflags fails; it has none.
PKG_CFLAGS += $(shell pkg-config --cflags $(filter-out libunbound,$(NET_PKGS)) 2>/dev/null)
NET_LIBS   := $(shell pkg-config --libs $(NET_PKGS) 2>/dev/null)

OPT      ?= -O3 -g
WARN      = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
            -Wwrite-strings -Wvla -Wformat=2 -Wundef -Wimplicit-fallthrough \
            -Wno-missing-field-initializers
HARDEN    = -fstack-protector-strong -fstack-clash-protection -fcf-protection
HARDEN_LD = -Wl,-z,relro -Wl,-z,now -Wl,--as-needed
# The same objects make the program and the module, which shows one symbol.
SHARE     = -fPIC -fvisibility=hidden
CPPFLAGS += -D_GNU_SOURCE -DTLSPOL_VERSION='"$(VERSION)"' -Isrc -I$(B)/gen
ifdef CI
WERROR    = -Werror
endif
ifdef SAN
# SAN=address,undefined
SANFLAGS  = -fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer
else
CPPFLAGS += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
endif
ALL_CFLAGS  = -std=gnu11 $(OPT) $(WARN) $(WERROR) $(HARDEN) $(SHARE) $(SANFLAGS) $(PKG_CFLAGS) $(CFLAGS)
ALL_LDFLAGS = $(HARDEN_LD) $(SANFLAGS) $(LDFLAGS)
EXE_LDFLAGS = -pie $(ALL_LDFLAGS)

SRC  := $(sort $(wildcard src/*/*.c))
OBJ  := $(SRC:%.c=$(B)/%.o) $(B)/gen/sql_embedded.o
LIB   = $(B)/libtlspol.a
SQL  := $(sort $(wildcard sql/*.sql))

UNIT := $(patsubst tests/%.c,$(B)/tests/%,$(sort $(wildcard tests/unit/*.c)))
FUZZ := $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
REPLAY := $(FUZZ:$(B)/fuzz/%=$(B)/tests/fuzz/%)
PROBES := $(patsubst tests/%.c,$(B)/tests/%,$(sort $(wildcard tests/lib/*_probe.c)))
BENCH := $(patsubst tests/bench/%.c,$(B)/bench/%,$(sort $(wildcard tests/bench/*.c)))
# Every tests/DIR/NAME.t is a TAP program; prove runs them all.
TAP  := $(sort $(wildcard tests/unit/*.t tests/lint/*.t tests/store/*.t tests/cli/*.t tests/net/*.t tests/fuzz/*.t))

# V=1 shows whole commands.
Q = $(if $(V),,@)
say = $(if $(V),,@printf '  %-4s %s\n' $(1) $(2))

.DELETE_ON_ERROR:
.SUFFIXES:
.SECONDARY:

all: $(B)/tlspol $(B)/tlspol-net.so

help:
	@echo 'make            build $(B)/tlspol and its module $(B)/tlspol-net.so'
	@echo 'make demo       a private MariaDB, an example policy file, the real postmap: see it work'
	@echo 'make check      all tests (installs what they need)'
	@echo 'make check-fast unit and lint tests only'
	@echo 'make bench      ratios against mariadb(1), posttls-finger and bare C clients'
	@echo 'make lint       clang-format, cppcheck, shellcheck where they are installed'
	@echo 'make fuzz       each fuzz target for FUZZ_SECONDS (needs clang)'
	@echo 'make completion rewrite completion/ from the option tables'
	@echo 'make man-synopsis  the same for SYNOPSIS in man/'
	@echo 'make install    to $$DESTDIR$$PREFIX; make uninstall takes it away'
	@echo 'SAN=address,undefined B=build-san  builds with sanitizers'

# The two speak in structs to each other: never one without the other.
$(B)/tlspol: $(B)/src/main.o $(LIB) | $(B)/tlspol-net.so
	$(call say,CC,$@)
	$(Q)$(CC) $(EXE_LDFLAGS) -o $@ $< $(LIB) $(PKG_LIBS)

# The live part of net/ takes libraries that cost 0.9 ms at each start, so it is a module that is
# loaded when a command needs the network. What belongs to which comes from the linker: the program
# gets no $(NET_LIBS), and what it would need of them is an error.
$(B)/tlspol-net.so: $(B)/src/net/network.o $(LIB)
	$(call say,CC,$@)
	$(Q)$(CC) -shared $(if $(SAN),,-Wl,-z,defs) $(ALL_LDFLAGS) -o $@ $< $(LIB) $(PKG_LIBS) $(NET_LIBS)

$(LIB): $(OBJ)
	@rm -f $@
	$(call say,AR,$@)
	$(Q)$(AR) rcs $@ $(OBJ)

# What `tlspol version --verbose` says; expanded only when that file is compiled.
$(B)/src/cmd/version.o $(B)/fuzz/obj/src/cmd/version.o: CPPFLAGS += -DTLSPOL_LIBRARIES='"$(foreach p,$(PKGS) $(NET_PKGS),$p $(shell pkg-config --modversion $p)\n)"'
$(B)/%.o: %.c Makefile | $(B)/gen/sql_embedded.h
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# sql/NNN_name.sql becomes the string sql_NNN_name.
$(B)/gen/sql_embedded.c: $(SQL) tests/lib/embed-sql.sh
	@mkdir -p $(@D)
	$(Q)sh tests/lib/embed-sql.sh c $(SQL) >$@
$(B)/gen/sql_embedded.h: $(SQL) tests/lib/embed-sql.sh
	@mkdir -p $(@D)
	$(Q)sh tests/lib/embed-sql.sh h $(SQL) >$@
$(B)/gen/sql_embedded.o: $(B)/gen/sql_embedded.c $(B)/gen/sql_embedded.h Makefile
	$(call say,CC,$@)
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -c -o $@ $<

$(B)/tests/unit/%: tests/unit/%.c $(LIB)
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(CPPFLAGS) -Itests/lib $(ALL_CFLAGS) -MMD -MP $(EXE_LDFLAGS) -o $@ $< $(LIB) $(PKG_LIBS) $(NET_LIBS) -lcmocka

# Small programs that tests drive.
$(B)/tests/lib/%: tests/lib/%.c $(LIB)
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP $(EXE_LDFLAGS) -o $@ $< $(LIB) $(PKG_LIBS) $(NET_LIBS)

$(B)/tests/fuzz/%: tests/fuzz/%.c tests/fuzz/replay_main.c $(LIB)
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(CPPFLAGS) -Itests/lib $(ALL_CFLAGS) $(EXE_LDFLAGS) -o $@ $< tests/fuzz/replay_main.c $(LIB) $(PKG_LIBS) $(NET_LIBS)

# libFuzzer needs the whole library built by clang.
FUZZ_CC     = clang -std=gnu11 -g -O1 $(CPPFLAGS) -U_FORTIFY_SOURCE $(PKG_CFLAGS)
FUZZ_SAN    = address,undefined -fno-sanitize-recover=undefined
FUZZ_OBJ   := $(SRC:%.c=$(B)/fuzz/obj/%.o)
$(B)/fuzz/obj/%.o: %.c Makefile | $(B)/gen/sql_embedded.h
	@mkdir -p $(@D)
	$(call say,FUZZ,$@)
	$(Q)$(FUZZ_CC) -fsanitize=fuzzer-no-link,$(FUZZ_SAN) -MMD -MP -c -o $@ $<
$(B)/fuzz/libtlspol.a: $(FUZZ_OBJ) $(B)/gen/sql_embedded.o
	@rm -f $@
	$(call say,AR,$@)
	$(Q)$(AR) rcs $@ $^
$(B)/fuzz/%: tests/fuzz/%.c tests/fuzz/fuzz.h $(B)/fuzz/libtlspol.a
	$(call say,FUZZ,$@)
	$(Q)$(FUZZ_CC) -fsanitize=fuzzer,$(FUZZ_SAN) -Wl,--as-needed -o $@ $< $(B)/fuzz/libtlspol.a $(PKG_LIBS) $(NET_LIBS)

$(B)/bench/%: tests/bench/%.c $(LIB)
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(EXE_LDFLAGS) -o $@ $< $(LIB) $(PKG_LIBS) $(NET_LIBS)

-include $(OBJ:.o=.d) $(FUZZ_OBJ:.o=.d) $(B)/src/main.d $(UNIT:=.d) $(PROBES:=.d)

# -- what people type ---------------------------------------------------------------------------

JOBS ?= $(shell nproc 2>/dev/null || echo 1)

deps:
	sh tests/lib/deps.sh build
deps-check:
	sh tests/lib/deps.sh build check
deps-demo:
	sh tests/lib/deps.sh build demo

# Postfix's programs in the tests read this, not what the machine has (or has not: without a
# main.cf each of them takes a second to say so).
TEST_ENV = TLSPOL_BUILD=$(B) MAIL_CONFIG=$(abspath $(B))/postfix
$(B)/postfix/main.cf:
	@mkdir -p $(@D)
	@: >$(@D)/master.cf
	echo 'compatibility_level = 3.6' >$@

# A second make, so that pkg-config is asked after it has been installed.
check: deps-check
	@$(MAKE) --no-print-directory -j$(JOBS) check-build
	@$(MAKE) --no-print-directory check-all
check-build: all $(UNIT) $(REPLAY) $(PROBES) $(B)/postfix/main.cf
check-all: check-build
	$(TEST_ENV) prove --timer --jobs $(JOBS) --exec '' $(UNIT) $(REPLAY) $(TAP)
check-fast: all $(UNIT) $(B)/postfix/main.cf
	$(TEST_ENV) prove --exec '' $(UNIT) $(sort $(wildcard tests/lint/*.t))
# One or a few: make check-one T='tests/cli/import.t'
check-one: check-build
	$(TEST_ENV) prove --verbose --exec '' $(T)

demo: deps-demo
	@$(MAKE) --no-print-directory -j$(JOBS) all
	@TLSPOL_BUILD=$(B) bash tests/lib/demo.sh

bench: deps-check
	@$(MAKE) --no-print-directory bench-all
bench-all: all $(BENCH)
	TLSPOL_BUILD=$(B) bash tests/bench/run.sh

FUZZ_SECONDS ?= 60
fuzz: $(FUZZ)
	sh tests/fuzz/run.sh $(B) $(FUZZ_SECONDS)

lint:
	sh tests/lint/run.sh

completion: $(B)/tlspol
	$(B)/tlspol completion bash >completion/tlspol.bash
	$(B)/tlspol completion zsh >completion/_tlspol
	$(B)/tlspol completion fish >completion/tlspol.fish

man-synopsis: $(B)/tlspol
	sh tests/lib/man-synopsis.sh $(B)/tlspol

install: all
	install -d "$(DESTDIR)$(bindir)" "$(DESTDIR)$(libdir)" "$(DESTDIR)$(mandir)/man1" "$(DESTDIR)$(mandir)/man5" \
	  "$(DESTDIR)$(bashdir)" "$(DESTDIR)$(zshdir)" "$(DESTDIR)$(fishdir)"
	install -m 755 $(B)/tlspol "$(DESTDIR)$(bindir)/tlspol"
	install -m 644 $(B)/tlspol-net.so "$(DESTDIR)$(libdir)/tlspol-net.so"
	install -m 644 man/*.1 "$(DESTDIR)$(mandir)/man1"
	install -m 644 man/*.5 "$(DESTDIR)$(mandir)/man5"
	install -m 644 completion/tlspol.bash "$(DESTDIR)$(bashdir)/tlspol"
	install -m 644 completion/_tlspol "$(DESTDIR)$(zshdir)/_tlspol"
	install -m 644 completion/tlspol.fish "$(DESTDIR)$(fishdir)/tlspol.fish"
uninstall:
	rm -f "$(DESTDIR)$(bindir)/tlspol" "$(DESTDIR)$(libdir)/tlspol-net.so" "$(DESTDIR)$(bashdir)/tlspol" "$(DESTDIR)$(zshdir)/_tlspol" \
	  "$(DESTDIR)$(fishdir)/tlspol.fish"
	[ ! -d "$(DESTDIR)$(libdir)" ] || rmdir --ignore-fail-on-non-empty "$(DESTDIR)$(libdir)"
	cd man && for page in *.1; do rm -f "$(DESTDIR)$(mandir)/man1/$$page"; done
	cd man && for page in *.5; do rm -f "$(DESTDIR)$(mandir)/man5/$$page"; done

clean:
	rm -rf $(B)

.PHONY: all help deps deps-check deps-demo check check-build check-all check-fast check-one demo \
  bench bench-all fuzz lint completion man-synopsis install uninstall clean
