#pragma once

#include <async/byte_budget.hpp>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <gzip/worst_size.hpp>
#include <kusto/compression.hpp>
#include <memory>
#include <sink/chunk_pool.hpp>
#include <span>
#include <string_view>
#include <utility>

namespace kusto::sink
{

/// What a chunk of `capacity` bytes costs of the budget: itself, and by how much the codec can make
/// such data longer, so that what replaces the chunk after compression never needs more than the
/// chunk had.
[[nodiscard]] inline std::uint64_t chunk_cost(compression how, std::uint64_t capacity) noexcept
{
    return gzip::worst_size(how, capacity);
}

/// A piece of memory that records are appended to, with its share of the budget.
class chunk
{
public:
    chunk() = default;
    /// \param share  of `chunk_cost` bytes
    chunk(std::shared_ptr<chunk_pool> const& pool, std::size_t capacity,
          async::byte_budget::lease share)
        : share_(std::move(share)),
          memory_(chunk_pool::take(pool, capacity))
    {
    }
    chunk(chunk&& other) noexcept
        : share_(std::move(other.share_)),
          memory_(std::move(other.memory_)),
          size_(std::exchange(other.size_, 0))
    {
    }
    chunk& operator=(chunk&& other) noexcept
    {
        // The memory first: what is given back wakes those who wait for the share.
        memory_ = std::move(other.memory_);
        share_ = std::move(other.share_);
        size_ = std::exchange(other.size_, 0);
        return *this;
    }
    ~chunk() = default;

    [[nodiscard]] std::size_t capacity() const noexcept { return memory_.size(); }
    [[nodiscard]] std::size_t room() const noexcept { return capacity() - size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] std::span<std::byte const> bytes() const noexcept
    {
        return std::span<std::byte const>(memory_.data(), size_);
    }

    /// \pre `record.size() <= room()`
    void append(std::string_view record) noexcept
    {
        std::memcpy(memory_.data() + size_, record.data(), record.size());
        size_ += record.size();
    }

    /// Takes the contents out, leaving nothing.
    [[nodiscard]] chunk take() noexcept
    {
        return std::move(*this);
    }

    /// Gives the memory back to its pool and returns the share that it had.
    [[nodiscard]] async::byte_budget::lease dissolve() noexcept
    {
        memory_.release();
        size_ = 0;
        return std::move(share_);
    }

private:
    // Declared first, so that the share is given back after the memory.
    async::byte_budget::lease share_;
    chunk_pool::memory memory_;
    std::size_t size_ = 0;
};

} // namespace kusto::sink
