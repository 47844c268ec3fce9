#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace kusto::gzip
{

/// Streaming gzip: bytes in, blocks of one size out (the last one shorter). One gzip member.
///
/// Deterministic: the same bytes, split in any way over `add` calls, give the same output for the
/// same level. Not thread-safe; may move between threads.
class compressor
{
public:
    using block = std::vector<std::byte>;

    /// \param level 1 to 9  \param block_size  at least 1
    compressor(int level, std::size_t block_size);
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
    [[nodiscard]] std::uint64_t raw_size() const noexcept;
    /// Bytes held for a block that is not complete yet.
    [[nodiscard]] std::size_t buffered() const noexcept;

private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace kusto::gzip
