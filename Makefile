# scalene-dbg. Everything is built under build/. `make help` lists the targets.
#   CC=clang   into build/clang/      SAN=1      ASan and UBSan, into build/san/
#   V=1        show the commands      PREFIX=/usr/local DESTDIR= for install
#   FUZZ_SECONDS=30  for each fuzzer  TESTS=filter for test and integration

# Not ?=: make predefines CC as "cc", and the build directory is named after the compiler.
ifeq ($(origin CC),default)
CC       := gcc
endif
ifeq ($(origin CXX),default)
CXX      := $(subst gcc,g++,$(subst clang,clang++,$(CC)))
endif
PREFIX   ?= /usr/local
DESTDIR  ?=
V        ?= 0
SAN      ?= 0

ROOMS    := base target layout python async native profile writers command
FUZZ     ?= 0
kind     := $(patsubst 1,-san,$(filter 1,$(SAN)))$(patsubst ub,-ubsan,$(filter ub,$(SAN)))$(if $(filter 1,$(FUZZ)),-fuzz)
O        := build/obj/$(notdir $(CC))$(kind)
B        := build$(patsubst %,/%,$(filter-out gcc,$(notdir $(CC))))$(if $(filter 1 ub,$(SAN)),/san)

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wvla -Wconversion -Wstrict-prototypes -Wmissing-prototypes \
            -Wswitch-enum -Werror
CPPFLAGS += -D_GNU_SOURCE -Icommon
CFLAGS   ?= -O2 -g
ALL_CFLAGS := -std=c11 -fPIC -fvisibility=hidden -pthread $(WARNINGS) $(CFLAGS)
# LLDB's plugin interface is C++. There a struct and a function of one name are a shadow; and LLDB's enumerations grow.
CXX_WARNINGS := $(filter-out -Wshadow -Wswitch-enum -Wstrict-prototypes -Wmissing-prototypes,$(WARNINGS))
ALL_CXXFLAGS := -std=c++17 -fPIC -fvisibility=hidden -fno-exceptions -fno-rtti -pthread $(CXX_WARNINGS) $(CFLAGS)
LDLIBS   := -lcjson -lelf -lz -lm -pthread
ifeq ($(SAN),1)
SANFLAGS := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
ALL_CFLAGS += $(SANFLAGS) -O1
LDFLAGS  += $(SANFLAGS)
endif
# What is loaded into a debugger has UBSan alone: GDB 13 does not start with ASan's runtime preloaded (it waits for ever for
# setlocale's lock).
ifeq ($(SAN),ub)
ALL_CFLAGS += -fsanitize=undefined $(if $(findstring clang,$(CC)),-fsanitize-trap,-fno-sanitize-recover=undefined) -O1
ALL_CXXFLAGS += -fsanitize=undefined -fno-sanitize=vptr $(if $(findstring clang,$(CC)),-fsanitize-trap,-fno-sanitize-recover=undefined) -O1
LDFLAGS  += -fsanitize=undefined $(if $(findstring clang,$(CC)),-fsanitize-trap)
endif
ifeq ($(FUZZ),1)
SANFLAGS := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
ALL_CFLAGS += $(SANFLAGS) -fsanitize=fuzzer-no-link -O1
LDFLAGS  += $(SANFLAGS) -fsanitize=fuzzer
endif

Q := $(if $(filter 1,$(V)),,@)
say = $(if $(filter 1,$(V)),,@printf '  %-5s %s\n' '$(1)' '$(2)')

core_src := $(foreach room,$(ROOMS),$(sort $(wildcard common/$(room)/*.c)))
cli_src  := $(sort $(wildcard cli/*.c))
gdb_src  := $(sort $(wildcard gdb/*.c))
lldb_src := $(sort $(wildcard lldb/*.c lldb/*.cc))
objects   = $(patsubst %,$(O)/%.o,$(basename $(1)))
lldb_inc := $(shell scripts/dev/lldb-includes)

.DEFAULT_GOAL := all
.SUFFIXES:
.DELETE_ON_ERROR:

plugins  := $(B)/scalene_gdb.abi3.so $(if $(lldb_inc),$(B)/scalene-lldb.so)

all: $(B)/scalene-dbg $(plugins)  ## the CLI and the plugins of GDB and LLDB (default)
ifeq ($(lldb_inc),)
	@echo "no LLDB plugin: LLDB's headers are not here (Debian: liblldb-14-dev, or any later one; or LLDB_INCLUDE=DIR)"
endif

$(O)/%.o: %.c Makefile
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(EXTRA_CFLAGS) -MMD -MP -c -o $@ $<

$(O)/%.o: %.cc Makefile
	$(call say,CXX,$<)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(CPPFLAGS) $(lldb_inc) $(ALL_CXXFLAGS) -MMD -MP -c -o $@ $<

$(call objects,$(gdb_src)): EXTRA_CFLAGS = $(shell scripts/dev/python-includes)

# One archive for each room: a unit test of a room links with it and with the rooms below it, nothing above.
define room_archive
$(O)/scl_$(1).a: $$(call objects,$$(wildcard common/$(1)/*.c))
	@mkdir -p $$(@D)
	$$(Q)rm -f $$@; ar rcsT $$@ $$^ 2>/dev/null || ar rcs $$@ $$^
endef
$(foreach room,$(ROOMS),$(eval $(call room_archive,$(room))))

$(B)/scalene-dbg: $(call objects,$(cli_src) $(core_src))
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

ifeq ($(SAN),1)
$(B)/scalene_gdb.abi3.so $(B)/scalene-lldb.so: FORCE
	$(Q)$(MAKE) --no-print-directory SAN=ub $@
FORCE:
.PHONY: FORCE
else
$(B)/scalene_gdb.abi3.so: $(call objects,$(gdb_src) $(core_src)) gdb/exports.map
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -shared -Wl,--version-script=gdb/exports.map -Wl,-z,defs -Wl,--unresolved-symbols=ignore-in-object-files \
		-o $@ $(filter %.o,$^) $(LDLIBS)

# liblldb's file name has its version in it, and the process that loads the plugin has it already.
$(B)/scalene-lldb.so: $(call objects,$(lldb_src) $(core_src)) lldb/exports.map
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(LDFLAGS) -shared -Wl,--version-script=lldb/exports.map -o $@ $(filter %.o,$^) $(LDLIBS)
endif

include scripts/dev/rules.mk

-include $(shell [ -d $(O) ] && find $(O) -name '*.d')
