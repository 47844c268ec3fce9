#pragma once

#include <cstddef>
#include <cstdint>
#include <kusto/compression.hpp>
#include <memory>
#include <span>
#include <vector>

namespace kusto::gzip
{

class codec;

/// Streaming gzip: bytes in, blocks of one size out (the last one shorter). One gzip member.
///
/// With zlib the output is the same however the input is split over `add` calls. With igzip it may
/// differ, since igzip matches within what it was given. Not thread-safe; may move between threads.
class compressor
{
public:
    using block = std::vector<std::byte>;

    /// \param how  not `automatic`  \param block_size  at least 1
    /// \throws std::logic_error  for a codec or level that is not there
    compressor(compression how, std::size_t block_size);
    compressor(compressor&&) noexcept;
    compressor& operator=(compressor&&) noexcept;
    ~compressor();

    /// Compresses `input`; completed blocks are appended to `out`.
    void add(std::span<std::byte const> input, std::vector<block>& out);
    /// Ends the member: writes the trailer and appends the last block to `out`. Then `reset` or
    /// destroy.
    void finish(std::vector<block>& out);
    /// Ready for another member; keeps its memory.
    void reset();

    /// Bytes given to `add` since the last `reset`: the exact uncompressed size.
    [[nodiscard]] std::uint64_t raw_size() const noexcept { return raw_size_; }
    /// Bytes held for a block that is not complete yet.
    [[nodiscard]] std::size_t buffered() const noexcept { return filled_; }
    /// Bytes beyond `buffered` that may still come out, at most, for what was added.
    [[nodiscard]] std::size_t held_back() const noexcept;

private:
    [[nodiscard]] bool step(std::span<std::byte const>& input, bool last, std::vector<block>& out);
    void make_room();
    void hand_over(std::vector<block>& out);

    std::unique_ptr<codec> codec_;
    std::size_t block_size_;
    block current_; // its size is the room; the first `filled_` bytes are content
    std::size_t filled_ = 0;
    std::uint64_t raw_size_ = 0;
};

/// As the constructor.
[[nodiscard]] inline compressor make_compressor(compression how, std::size_t block_size)
{
    return compressor(how, block_size);
}

} // namespace kusto::gzip
