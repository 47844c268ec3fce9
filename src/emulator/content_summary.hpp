#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kusto::emulator
{

/// What is kept of bytes that are not stored. Summaries of the parts of a blob add up to the
/// blob's.
class content_summary
{
public:
    content_summary() = default;

    /// Takes the bytes that follow.
    void add(std::string_view bytes);
    /// Takes what was made of the bytes that follow.
    void add(content_summary const& next);

    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
    /// CRC-32 (of gzip and zlib) of all bytes.
    [[nodiscard]] std::uint32_t crc32() const noexcept { return crc_; }
    /// What the end of a gzip member says of its uncompressed size, modulo 2^32; 0 of less than 4
    /// bytes.
    [[nodiscard]] std::uint32_t announced_raw_size() const noexcept;

private:
    void keep_tail(std::string_view bytes);

    std::uint64_t size_ = 0;
    std::uint32_t crc_ = 0;
    std::uint32_t tail_ = 0; ///< the last 4 bytes, little endian
};

/// What is inside of gzip data.
struct inflated_content
{
    bool valid = true; ///< complete, checksums included
    std::uint64_t bytes = 0;
    std::uint64_t lines = 0;    ///< line feeds
    std::uint64_t line_sum = 0; ///< sum of the CRC-32 of each line, line feed included
};

/// Inflates one or several gzip members that are cut into parts, and keeps nothing of them.
[[nodiscard]] inflated_content inflate_and_count(std::vector<std::string_view> const& parts);

/// What is known of a blob whose content was thrown away.
struct discarded_content
{
    content_summary summary;
    inflated_content inside;
    bool inflated = false; ///< `inside` is known
};

} // namespace kusto::emulator
