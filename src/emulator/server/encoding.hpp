#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kusto::emulator
{

using system_time = std::chrono::system_clock::time_point;

/// `%XX` decoding. Malformed escapes stay as they are.
[[nodiscard]] std::string percent_decode(std::string_view text);
/// `%XX` decoding with `+` as blank.
[[nodiscard]] std::string form_decode(std::string_view text);
/// Encodes everything outside `A-Z a-z 0-9 - . _ ~`.
[[nodiscard]] std::string percent_encode(std::string_view text);

/// In upper case, as thumbprints are written.
[[nodiscard]] std::string hexadecimal(std::string_view bytes);

[[nodiscard]] std::string base64_encode(std::string_view bytes);
/// Strict: standard alphabet, padding required, no other characters, unused bits zero.
[[nodiscard]] std::optional<std::string> base64_decode(std::string_view text);

/// 16 raw bytes.
[[nodiscard]] std::string md5(std::string_view bytes);
/// 32 raw bytes.
[[nodiscard]] std::string sha256(std::string_view bytes);
/// 32 raw bytes.
[[nodiscard]] std::string hmac_sha256(std::string_view key, std::string_view text);
/// CRC-64/NVME as storage uses it.
[[nodiscard]] std::uint64_t crc64(std::string_view bytes) noexcept;
/// The header form: base64 of the 8 bytes, little endian.
[[nodiscard]] std::string crc64_header(std::uint64_t value);

[[nodiscard]] std::string random_bytes(std::size_t count);
/// A version 4 GUID in lower case with dashes.
[[nodiscard]] std::string random_guid();

/// `Sun, 22 Nov 2026 10:59:46 GMT`.
[[nodiscard]] std::string http_date(system_time time);
[[nodiscard]] std::optional<system_time> parse_http_date(std::string_view text);
/// `2026-11-22T10:59:46Z`, or with seven digits of fraction.
[[nodiscard]] std::string iso_time(system_time time, bool fraction = false);
/// `YYYY-MM-DD`, `YYYY-MM-DDThh:mmZ`, `YYYY-MM-DDThh:mm:ss[.f{1,7}]Z`.
[[nodiscard]] std::optional<system_time> parse_iso_time(std::string_view text);

[[nodiscard]] std::string xml_escape(std::string_view text);

/// A decimal integer, possibly negative; nothing else around it.
[[nodiscard]] std::optional<std::int64_t> parse_number(std::string_view text);

} // namespace kusto::emulator
