#pragma once

#include <cstddef>
#include <memory>

namespace kusto::base
{

/// Gives back what `allocate_raw` returned.
struct raw_deleter
{
    void operator()(std::byte* memory) const noexcept;

    std::size_t size = 0;
};

/// Bytes that were never initialised.
using raw_memory = std::unique_ptr<std::byte, raw_deleter>;

/// Large ones are pages of their own, so that freeing them gives them back to the system: a heap
/// keeps much of what large pieces leave between small ones, which no budget knows of.
/// \throws std::bad_alloc
[[nodiscard]] raw_memory allocate_raw(std::size_t size);

} // namespace kusto::base
