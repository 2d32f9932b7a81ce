# rules.mk - tests, checks, fuzzers, benchmarks, installation. Included by the Makefile.

# -- unit tests: tests/unit/<room>/test_*.c, each a program ---------------------------------------------
below_base    := base
below_target  := target base
below_layout  := layout target base
below_python  := python layout target base
below_async   := async python layout target base
below_native  := native python layout target base
below_profile := profile async python layout target base
below_writers := writers profile async python layout target base
below_command := command writers profile async native python layout target base

unit_src  := $(sort $(wildcard tests/unit/*/test_*.c))
unit_bins := $(patsubst tests/unit/%.c,$(B)/unit/%,$(unit_src))

define unit_room
$(B)/unit/$(1)/%: $(O)/tests/unit/$(1)/%.o $(foreach r,$(below_$(1)),$(O)/scl_$(r).a)
	$$(call say,LINK,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(LDFLAGS) -o $$@ $$^ $$(LDLIBS)
endef
$(foreach room,$(ROOMS),$(eval $(call unit_room,$(room))))
$(O)/tests/unit/%.o: EXTRA_CFLAGS = -Itests/unit
.SECONDARY:

# What integration tests run beside the program.
$(B)/damage_core: $(O)/tests/integration/damage_core.o $(call objects,$(core_src))
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

unit-bins: $(unit_bins) $(B)/damage_core
unit-%:  # the unit tests of one room: make unit-python
	$(Q)bins='$(patsubst tests/unit/%.c,$(B)/unit/%,$(wildcard tests/unit/$*/test_*.c))'; \
	$(MAKE) --no-print-directory $$bins && for t in $$bins; do $$t || exit 1; done

# -- what a user types ----------------------------------------------------------------------------------
# The needs come first and in a make of their own: on a bare machine not even a compiler is there yet.
deps:
	$(Q)CC='$(CC)' scripts/install-deps build

deps-test:
	$(Q)CC='$(CC)' scripts/install-deps test

demo: deps  ## install what is missing, build, profile a live service in GDB
	$(Q)$(MAKE) --no-print-directory all
	$(Q)demo/run

# Interpreters that the machine has not; without a network the tests do with those that it has.
pythons:
	-$(Q)scripts/dev/get-pythons >/dev/null

test: deps-test pythons  ## all tests; ends with "N passed, N failed, N skipped"
	$(Q)$(MAKE) --no-print-directory all unit-bins
	$(Q)SCALENE_BUILD=$(B) CC='$(CC)' tests/run unit checks integration $(if $(TESTS),--filter '$(TESTS)')

unit: unit-bins  ## the unit tests alone
	$(Q)SCALENE_BUILD=$(B) tests/run unit

integration: all $(B)/damage_core  ## the integration tests alone
	$(Q)SCALENE_BUILD=$(B) tests/integration/run $(TESTS)

# -- lint -----------------------------------------------------------------------------------------------
c_files  := $(sort $(core_src) $(cli_src) $(gdb_src) $(lldb_src) $(wildcard tests/fuzz/*.c tests/bench/*.c tests/integration/*.c) $(unit_src))
h_files  := $(sort $(wildcard common/*/*.h gdb/*.h lldb/*.h cli/*.h tests/unit/*.h tests/fuzz/*.h))
tidied   := $(patsubst %,build/tidy/%.ok,$(basename $(sort $(core_src) $(cli_src) $(gdb_src) $(if $(lldb_inc),$(lldb_src)))))

lint:  ## clang-format, clang-tidy, shellcheck, sizes, includes, headers
	$(Q)CC='$(CC)' scripts/install-deps lint
	$(Q)$(MAKE) --no-print-directory -k -j$(TIDY_JOBS) check-format check-scripts check-includes check-headers \
		check-size tidy

check-format:
	$(Q)clang-format --dry-run -Werror $(c_files) $(h_files)

check-scripts check-includes check-headers check-size:
	$(Q)scripts/dev/$@

TIDY_JOBS ?= 2
tidy: $(tidied)
build/tidy/gdb/%.ok: EXTRA_CFLAGS = $(shell scripts/dev/python-includes)
build/tidy/%.ok: %.c .clang-tidy $(h_files)
	$(call say,TIDY,$<)
	@mkdir -p $(@D)
	$(Q)clang-tidy --quiet $< -- -std=c11 $(CPPFLAGS) $(EXTRA_CFLAGS) 2>build/tidy/$(subst /,_,$*).log || \
		{ cat build/tidy/$(subst /,_,$*).log; exit 1; }
	@touch $@

build/tidy/%.ok: %.cc .clang-tidy $(h_files)
	$(call say,TIDY,$<)
	@mkdir -p $(@D)
	$(Q)clang-tidy --quiet $< -- -std=c++17 $(CPPFLAGS) $(lldb_inc) 2>build/tidy/$(subst /,_,$*).log || \
		{ cat build/tidy/$(subst /,_,$*).log; exit 1; }
	@touch $@

# -- fuzzers: tests/fuzz/fuzz_<noun>.c with LLVMFuzzerTestOneInput, seeds in tests/fuzz/seeds/<noun>/ -----
FUZZ_SECONDS ?= 30
fuzz_src  := $(sort $(wildcard tests/fuzz/fuzz_*.c))
fuzz_bins := $(patsubst tests/fuzz/%.c,build/fuzz/%,$(fuzz_src))

fuzz:  ## run each fuzzer for FUZZ_SECONDS (needs clang)
	$(Q)scripts/install-deps fuzz
	$(Q)$(MAKE) --no-print-directory CC=clang SAN=0 FUZZ=1 fuzz-bins
	$(Q)tests/fuzz/run $(FUZZ_SECONDS) $(fuzz_bins)

fuzz-bins: $(fuzz_bins)
$(O)/tests/fuzz/%.o: EXTRA_CFLAGS = -Itests/unit -Wno-missing-prototypes
$(fuzz_bins): build/fuzz/%: $(O)/tests/fuzz/%.o $(call objects,$(core_src))
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# -- benchmarks -----------------------------------------------------------------------------------------
bench: all build/bench/bare_read build/bench/bare_heap  ## ratios against the bare system call and other samplers
	$(Q)tests/bench/run

build/bench/%: tests/bench/%.c Makefile
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) -std=c11 $(WARNINGS) $(CFLAGS) -o $@ $<

# -- installation ---------------------------------------------------------------------------------------
bindir := $(DESTDIR)$(PREFIX)/bin
libdir := $(DESTDIR)$(PREFIX)/lib/scalene-dbg
mandir := $(DESTDIR)$(PREFIX)/share/man/man1
docdir := $(DESTDIR)$(PREFIX)/share/doc/scalene-dbg

install: all  ## install below $(DESTDIR)$(PREFIX)
	install -d '$(bindir)' '$(libdir)' '$(mandir)' '$(docdir)'
	install -m 755 $(B)/scalene-dbg scripts/scalene-gdb scripts/scalene-lldb '$(bindir)'
	install -m 644 $(plugins) scripts/scalene-gdb.py '$(libdir)'
	install -m 644 docs/man/*.1 '$(mandir)'
	install -m 644 README.md LICENSE docs/*.md '$(docdir)'

uninstall:  ## remove what install put there
	rm -f '$(bindir)/scalene-dbg' '$(bindir)/scalene-gdb' '$(bindir)/scalene-lldb'
	rm -f '$(mandir)/scalene-dbg.1'
	rm -rf '$(libdir)' '$(docdir)'

clean:  ## remove everything that was built
	rm -rf build

help:  ## this list
	@sed -n '2,/^$$/s/^# \{0,1\}//p' Makefile
	@awk -F ':[^#]*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile scripts/dev/rules.mk

.PHONY: all deps deps-test pythons demo test unit unit-bins integration lint check-format check-scripts check-includes \
	check-headers check-size tidy fuzz fuzz-bins bench install uninstall clean help
