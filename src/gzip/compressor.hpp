#pragma once

#include <cstddef>
#include <cstdint>
#include <gzip/supplies.hpp>
#include <kusto/compression.hpp>
#include <memory>
#include <span>
#include <vector>

namespace kusto::gzip
{

class codec;

/// Streaming gzip: bytes in, blocks of one size out (the last one shorter). One gzip member.
///
/// With zlib the output is the same however the input is split over `add` calls. With igzip it is
/// the same for the same splits only. Not thread-safe; may move between threads.
class compressor
{
public:
    /// \param how  not `automatic`  \param block_size  at least 1
    /// \param from  where its memory comes from and goes to
    /// \throws std::logic_error  for a codec or level that is not there
    compressor(compression how, std::size_t block_size, std::shared_ptr<supplies> from);
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
    [[nodiscard]] std::size_t buffered() const noexcept { return current_.size(); }
    /// Memory of that block.
    [[nodiscard]] std::size_t memory() const noexcept { return current_.capacity(); }
    /// Bytes beyond `buffered` that may still come out, at most, for what was added.
    [[nodiscard]] std::size_t held_back() const noexcept;

private:
    [[nodiscard]] bool step(std::span<std::byte const>& input, bool last, std::vector<block>& out);
    [[nodiscard]] std::span<std::byte> make_room();
    void move_to(std::size_t capacity);
    void hand_over(std::vector<block>& out);
    void give_codec_back() noexcept;

    std::shared_ptr<supplies> from_;
    compression how_;
    std::unique_ptr<codec> codec_;
    std::size_t block_size_;
    block current_;
    std::uint64_t blocks_ = 0; ///< handed over
    std::uint64_t raw_size_ = 0;
};

/// A compressor that shares nothing. Throws as its constructor.
[[nodiscard]] inline compressor make_compressor(compression how, std::size_t block_size)
{
    return compressor(how, block_size, std::make_shared<supplies>(0, 0));
}

} // namespace kusto::gzip
