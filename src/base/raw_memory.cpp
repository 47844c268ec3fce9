#include <base/raw_memory.hpp>

#include <new>
#include <sys/mman.h>

namespace kusto::base
{

namespace
{

// Beside the page faults of so many bytes the system call hardly counts.
constexpr std::size_t least_mapped = std::size_t(64) << 10;

bool is_mapped(std::size_t size) noexcept
{
#if defined(__SANITIZE_ADDRESS__)
    // Memory that the sanitizer does not know cannot be watched by it.
    (void)size;
    return false;
#else
    return size >= least_mapped;
#endif
}

} // namespace

void raw_deleter::operator()(std::byte* memory) const noexcept
{
    if (is_mapped(size))
        ::munmap(memory, size);
    else
        ::operator delete(memory);
}

raw_memory allocate_raw(std::size_t size)
{
    if (!is_mapped(size))
        return raw_memory(static_cast<std::byte*>(::operator new(size)), raw_deleter{size});
    void* const pages = ::mmap(nullptr, size, PROT_READ | PROT_WRITE,
                               MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED)
        throw std::bad_alloc();
    return raw_memory(static_cast<std::byte*>(pages), raw_deleter{size});
}

} // namespace kusto::base
