#pragma once

#include <cstddef>
#include <gzip/compressor.hpp>
#include <kusto/compression.hpp>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace kusto::test
{

using bytes = std::vector<std::byte>;

[[nodiscard]] std::span<std::byte const> as_bytes(std::string const& text);
[[nodiscard]] bytes joined(std::vector<gzip::block> const& blocks);

/// Inflates exactly one gzip member with zlib; the test fails if anything follows it.
[[nodiscard]] std::string inflate_member(bytes const& compressed);

/// Lines as of a log, about 80 bytes each.
[[nodiscard]] std::string log_like(std::size_t size, std::mt19937_64& random);
/// Bytes that no compressor makes shorter.
[[nodiscard]] std::string noise(std::size_t size, std::mt19937_64& random);

/// Adds `text` in pieces of 0 to `longest` bytes, and finishes.
[[nodiscard]] std::vector<gzip::block>
compress_split(gzip::compressor& zip, std::string const& text, std::mt19937_64& random,
               std::size_t longest = 5000);

/// Every codec and level that this build has.
[[nodiscard]] std::vector<compression> all_codecs();

} // namespace kusto::test
