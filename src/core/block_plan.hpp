#pragma once

#include <cstddef>
#include <cstdint>
#include <kusto/error.hpp>

namespace kusto::core
{

/// How a blob that appears block by block is uploaded: one Put Blob if it turns out to have one
/// block, else a block list; and whether it keeps to the limits of the storage service.
class block_plan
{
public:
    static constexpr std::size_t max_blocks = 50'000;
    static constexpr std::uint64_t max_block_size = 4000ull << 20;

    enum class kind
    {
        undecided, ///< one block so far, and more may follow
        single,    ///< one Put Blob
        list,      ///< Put Block for each, then Put Block List
    };

    /// Another block follows. Blocks come in order.
    /// Errors: `errc::invalid_option`: empty, too large, or too many; names the limit and the
    /// remedy
    [[nodiscard]] result<void> add(std::uint64_t size);
    /// There are no more blocks. Error: `errc::invalid_record` when there was none at all: the
    /// service refuses empty blobs.
    [[nodiscard]] result<void> end();

    [[nodiscard]] kind decide() const noexcept;
    [[nodiscard]] std::size_t blocks() const noexcept { return blocks_; }
    /// Bytes so far.
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

private:
    std::size_t blocks_ = 0;
    std::uint64_t size_ = 0;
    bool ended_ = false;
};

} // namespace kusto::core
