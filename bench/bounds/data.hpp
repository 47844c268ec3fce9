#pragma once

#include <atomic>
#include <cli/bench_source.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kusto::bounds
{

/// What a library's codec is given at a time; the size of the library's own chunks.
inline constexpr std::size_t piece_size = std::size_t(256) << 10;

/// The records of `kusto bench --source lines`, repeated in order without end: as they are given to
/// a producer, and as the bytes that come of them.
class data
{
public:
    explicit data(cli::bench_source const& source);

    /// Without its line feed.
    [[nodiscard]] std::string_view line(std::uint64_t record) const noexcept
    {
        return lines_[record % lines_.size()];
    }
    /// Where a record begins in the endless text.
    [[nodiscard]] std::uint64_t offset_of(std::uint64_t record) const noexcept;
    /// Of the endless text, `size` bytes from `offset` on. \pre `size <= piece_size`
    [[nodiscard]] std::span<std::byte const> text(std::uint64_t offset,
                                                  std::size_t size) const noexcept
    {
        return std::span<std::byte const>(text_).subspan(offset % period_, size);
    }
    [[nodiscard]] double bytes_per_record() const noexcept
    {
        return static_cast<double>(period_) / static_cast<double>(lines_.size());
    }

    /// \throws std::runtime_error when the file cannot be written
    void write(std::string const& path, std::uint64_t records) const;

private:
    std::vector<std::string> const& lines_;
    std::vector<std::uint64_t> begins_;
    std::vector<std::byte> text_; ///< one period, and as much again as a piece may want
    std::uint64_t period_ = 0;
};

struct batch
{
    std::uint64_t first = 0; ///< record
    std::uint64_t records = 0;
    std::uint64_t offset = 0; ///< in the endless text
    std::uint64_t bytes = 0;
};

/// Calls `use` with the pieces that a batch is made of.
template <class F>
void for_each_piece(data const& of, batch const& all, F&& use)
{
    for (std::uint64_t done = 0; done < all.bytes; done += piece_size)
    {
        auto const left = all.bytes - done;
        use(of.text(all.offset + done, left < piece_size ? std::size_t(left) : piece_size));
    }
}

/// Hands out the batches of a measurement, each of them once. Thread-safe.
class batches
{
public:
    batches(data const& of, std::uint64_t records, std::uint64_t batch_size)
        : data_(of),
          records_(records),
          batch_size_(batch_size)
    {
    }

    [[nodiscard]] std::optional<batch> next() noexcept
    {
        auto const first = taken_.fetch_add(batch_size_, std::memory_order_relaxed);
        if (first >= records_)
            return std::nullopt;
        return make(first, std::min(batch_size_, records_ - first));
    }

    /// Any full batch: what buffers are made for.
    [[nodiscard]] batch largest() const noexcept;

private:
    [[nodiscard]] batch make(std::uint64_t first, std::uint64_t records) const noexcept
    {
        auto const offset = data_.offset_of(first);
        return {first, records, offset, data_.offset_of(first + records) - offset};
    }

    data const& data_;
    std::uint64_t const records_;
    std::uint64_t const batch_size_;
    std::atomic<std::uint64_t> taken_{0};
};

} // namespace kusto::bounds
