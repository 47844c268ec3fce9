#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace kusto::emulator
{

/// What the local cluster does with the content of blobs.
enum class discard_mode : std::uint8_t
{
    off,      ///< stored, and ingested when a message asks for it
    checksum, ///< read, summed up and forgotten; a message is acknowledged as ingested
    inflate   ///< as `checksum`, and what is inside of the gzip data is counted
};

/// What a cluster that discards has seen.
struct discarded_counts
{
    std::uint64_t requests = 0;  ///< executed, on all ports
    std::uint64_t blobs_put = 0; ///< Put Blob and Put Block List
    std::uint64_t blocks_put = 0;
    std::uint64_t bytes_put = 0; ///< of all blobs put, repetitions included
    std::uint64_t messages = 0;  ///< taken out of the queues
    std::uint64_t pending = 0;   ///< of these, neither acknowledged nor refused yet

    /// \name Blobs that messages named and that were acknowledged as ingested
    /// @{
    std::uint64_t blobs = 0;
    std::uint64_t bytes = 0;     ///< of the blobs
    std::uint64_t raw_bytes = 0; ///< `RawDataSize` of the messages
    /// Uncompressed size by the last 4 bytes of each blob: the size modulo 2^32 of its last gzip
    /// member.
    std::uint64_t announced_bytes = 0;
    std::uint64_t crc_sum = 0; ///< sum of the CRC-32 of each blob
    /// @}

    /// \name The same blobs, with `discard_mode::inflate`
    /// @{
    std::uint64_t inflated_bytes = 0;
    std::uint64_t lines = 0;
    std::uint64_t line_sum = 0; ///< sum of the `line_checksum` of each line
    /// @}

    std::uint64_t failed = 0;  ///< messages refused, those for damaged gzip data included
    std::uint64_t skipped = 0; ///< messages for a blob that was in the same batch already
    /// Blobs whose `RawDataSize` is not the size that they announce.
    std::uint64_t size_mismatches = 0;
};

/// CRC-32 (of gzip and zlib) of a line, its line feed included.
[[nodiscard]] std::uint32_t line_checksum(std::string_view line) noexcept;

/// A JSON object with the members of `counts` by name.
[[nodiscard]] std::string to_json(discarded_counts const& counts);
/// The opposite; members that are missing are 0. \throws std::runtime_error
[[nodiscard]] discarded_counts discarded_from_json(std::string_view text);

} // namespace kusto::emulator
