#include "engine/memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <map>

#include "engine/errors.h"

namespace trainyard {
namespace {

constexpr size_t hugePage = size_t{2} << 20;

struct FileDescriptor {
  explicit FileDescriptor(const std::string& file) : fd(open(file.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (fd < 0) throw Failure("cannot open " + file + ": " + std::strerror(errno));
  }
  ~FileDescriptor() { close(fd); }
  const int fd;
};

}  // namespace

Pages Pages::zeroed(size_t bytes) {
  Pages pages;
  if (bytes == 0) bytes = 1;
  // Big areas begin at a huge page's boundary; otherwise their first and last part would get small pages.
  const size_t slack = bytes >= hugePage ? hugePage : 0;
  void* mapping = mmap(nullptr, bytes + slack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapping == MAP_FAILED) throw OutOfMemory(bytes);
  pages.mapping_ = mapping;
  pages.mapped_ = bytes + slack;
  auto address = reinterpret_cast<uintptr_t>(mapping);
  if (slack) address = (address + hugePage - 1) / hugePage * hugePage;
  pages.data_ = reinterpret_cast<std::byte*>(address);
#ifdef MADV_HUGEPAGE
  if (slack) madvise(pages.data_, bytes, MADV_HUGEPAGE);
#endif
  return pages;
}

Pages Pages::ofFile(const std::string& file, size_t offset, size_t bytes) {
  FileDescriptor descriptor(file);
  struct stat status {};
  if (fstat(descriptor.fd, &status) != 0) throw Failure("cannot read " + file + ": " + std::strerror(errno));
  if (static_cast<size_t>(status.st_size) < offset + bytes)
    throw Failure(file + " has " + std::to_string(status.st_size) + " bytes; " + std::to_string(bytes) +
                  " were to be read at " + std::to_string(offset));
  Pages pages;
  if (bytes == 0) return zeroed(0);
  const size_t inPage = offset % static_cast<size_t>(sysconf(_SC_PAGESIZE));
  void* mapping = mmap(nullptr, bytes + inPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, descriptor.fd,
                       static_cast<off_t>(offset - inPage));
  if (mapping == MAP_FAILED) throw Failure("cannot map " + file + ": " + std::strerror(errno));
  pages.mapping_ = mapping;
  pages.mapped_ = bytes + inPage;
  pages.data_ = static_cast<std::byte*>(mapping) + inPage;
  return pages;
}

Pages::~Pages() {
  if (mapping_) munmap(mapping_, mapped_);
}

std::shared_ptr<Pages> sharedPages(Use use, size_t bytes) {
  static auto& inUses = *new std::map<Use, std::multimap<size_t, std::weak_ptr<Pages>>>();
  auto& inUse = inUses[use];
  for (auto entry = inUse.begin(); entry != inUse.end();)
    entry = entry->second.expired() ? inUse.erase(entry) : std::next(entry);
  auto fitting = inUse.lower_bound(bytes);
  if (fitting != inUse.end()) return fitting->second.lock();
  auto pages = std::make_shared<Pages>(Pages::zeroed(bytes));
  inUse.emplace(bytes, pages);
  return pages;
}

}  // namespace trainyard
