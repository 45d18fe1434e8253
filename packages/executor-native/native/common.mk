# What the builds of both addons share.
ifeq ($(strip $(CXX)),)
CXX := g++
endif
NODE ?= node

# WERROR=1 makes an error of every warning. CI and `npm test` set it; a plain build does not, so that a compiler newer
# than the ones that we know cannot break an installation with a new warning.
WARNINGS := -Wall -Wextra $(if $(WERROR),-Werror)

# Relative to this folder: the path of a checkout may have spaces, which separate words in make, or a number sign.
package_folder = $(shell $(NODE) -p \
  "path.relative(process.cwd(), path.dirname(require.resolve('$(1)/package.json')))")
NODE_HEADERS := $(call package_folder,node-api-headers)/include
ADDON_API := $(call package_folder,node-addon-api)

# Every C++ exception that leaves a function called by JavaScript, std::bad_alloc among them, is thrown in JavaScript.
ADDON_FLAGS := -isystem "$(NODE_HEADERS)" -isystem "$(ADDON_API)" -DNAPI_VERSION=8 -DNODE_ADDON_API_CPP_EXCEPTIONS_ALL

ADDON_SOURCES := $(wildcard bridge/*.cpp engine/*.cpp)
