#pragma once

#include <atomic>
#include <base/idle_store.hpp>
#include <base/raw_memory.hpp>
#include <cstddef>
#include <kusto/compression.hpp>
#include <memory>
#include <span>

namespace kusto::gzip
{

class codec;
class supplies;

/// Compressed bytes: memory that is filled from its beginning on and was never initialised.
///
/// Gives its memory back to where it came from. Not thread-safe; movable between threads.
class block
{
public:
    block() = default;
    block(block&& other) noexcept;
    block& operator=(block&& other) noexcept;
    ~block();

    [[nodiscard]] std::byte const* data() const noexcept { return memory_.get(); }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] std::byte const* begin() const noexcept { return data(); }
    [[nodiscard]] std::byte const* end() const noexcept { return data() + size_; }

    /// Bytes of memory that it takes.
    [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
    /// What is not filled yet.
    [[nodiscard]] std::span<std::byte> room() noexcept
    {
        return std::span<std::byte>(memory_.get() + size_, capacity_ - size_);
    }
    /// The first `count` bytes of `room()` are content from now on.
    void filled(std::size_t count) noexcept { size_ += count; }

private:
    friend class supplies;

    void give_back() noexcept;

    std::shared_ptr<supplies> home_;
    base::raw_memory memory_;
    std::size_t capacity_ = 0;
    std::size_t size_ = 0;
};

/// What compressors use again and again, since getting it anew costs page faults: memory for blocks,
/// and codecs, which have some hundred KiB each. What is idle is bounded, and not in the byte budget.
///
/// Held by whatever was taken from it. Thread-safe.
class supplies : public std::enable_shared_from_this<supplies>
{
public:
    /// Idle ones of both kinds at most.
    supplies(std::size_t block_bytes, std::size_t codecs);
    supplies(supplies const&) = delete;
    supplies& operator=(supplies const&) = delete;
    ~supplies();

    /// An empty block of at least `capacity` bytes, and at most a third more (or 4 KiB).
    [[nodiscard]] block take_block(std::size_t capacity);

    /// Ready for a member. \param how  not `automatic`
    /// \throws std::logic_error  for a codec or level that is not there
    [[nodiscard]] std::unique_ptr<codec> take_codec(compression how);
    void give_back(compression how, std::unique_ptr<codec> one) noexcept;

    /// How large the first block of a member became lately; 0 when there was none.
    [[nodiscard]] std::size_t usual_size() const noexcept
    {
        return usual_size_.load(std::memory_order_relaxed);
    }
    void note_size(std::size_t size) noexcept
    {
        usual_size_.store(size, std::memory_order_relaxed);
    }

    /// Frees what is idle, and keeps nothing from now on.
    void close() noexcept;

    [[nodiscard]] std::size_t idle_bytes() const { return memory_.size(); }
    [[nodiscard]] std::size_t idle_codecs() const { return codecs_.count(); }

private:
    friend class block;

    struct idle_codec
    {
        compression how;
        std::unique_ptr<codec> one;
    };

    void give_back(std::size_t capacity, base::raw_memory memory) noexcept;

    std::atomic<std::size_t> usual_size_ = 0;
    base::idle_store<base::raw_memory> memory_;
    base::idle_store<idle_codec> codecs_;
};

} // namespace kusto::gzip
