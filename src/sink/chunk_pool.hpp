#pragma once

#include <base/idle_store.hpp>
#include <base/raw_memory.hpp>
#include <cstddef>
#include <memory>

namespace kusto::sink
{

/// Memory of chunks that were freed, kept for the next ones: fresh memory costs a page fault for
/// each 4 KiB, which is more than copying a record into it.
///
/// What is idle is not in the byte budget; it is bounded instead.
///
/// \par Thread safety
/// All members may be called from any thread.
class chunk_pool
{
public:
    /// Uninitialised memory, which its owner gives back to the pool that it is from.
    class memory
    {
    public:
        memory() = default;
        memory(memory&& other) noexcept;
        memory& operator=(memory&& other) noexcept;
        ~memory() { release(); }

        [[nodiscard]] std::byte* data() const noexcept { return bytes_.get(); }
        [[nodiscard]] std::size_t size() const noexcept { return size_; }
        void release() noexcept;

    private:
        friend class chunk_pool;
        memory(std::shared_ptr<chunk_pool> home, base::raw_memory bytes,
               std::size_t size) noexcept
            : home_(std::move(home)),
              bytes_(std::move(bytes)),
              size_(size)
        {
        }

        std::shared_ptr<chunk_pool> home_;
        base::raw_memory bytes_;
        std::size_t size_ = 0;
    };

    /// \param most_idle  bytes kept at most
    explicit chunk_pool(std::size_t most_idle);
    chunk_pool(chunk_pool const&) = delete;
    chunk_pool& operator=(chunk_pool const&) = delete;

    /// Memory of exactly `size` bytes, which keeps `from` alive. \throws std::bad_alloc
    [[nodiscard]] static memory take(std::shared_ptr<chunk_pool> const& from, std::size_t size);

    /// Frees what is idle, and keeps nothing from now on.
    void close() noexcept { idle_.close(); }

    [[nodiscard]] std::size_t idle_bytes() const { return idle_.size(); }

private:
    base::idle_store<base::raw_memory> idle_;
};

/// Capacities that chunks have, so that few different ones are in the pool: the next multiple of
/// 16 KiB, of 4 KiB for small ones.
[[nodiscard]] constexpr std::size_t rounded_capacity(std::size_t size) noexcept
{
    constexpr std::size_t coarse = std::size_t(16) << 10;
    constexpr std::size_t fine = std::size_t(4) << 10;
    auto const step = size > coarse ? coarse : fine;
    return (size + step - 1) / step * step;
}

} // namespace kusto::sink
