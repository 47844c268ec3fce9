#pragma once

#include <emulator/server/storage_call.hpp>
#include <string>
#include <utility>
#include <vector>

namespace kusto::emulator
{

/// Checks `Content-Length` and the body's size against the limit of the request's version.
/// \throws storage_error
void check_body(storage_call const& call, std::uint64_t limit);
[[nodiscard]] std::uint64_t put_blob_limit(std::string const& version);
[[nodiscard]] std::uint64_t put_block_limit(std::string const& version);

/// Checks `Content-MD5` and `x-ms-content-crc64` over the body, whichever is given.
/// \param fallback_header  another header with an MD5 of the body, or empty
void check_checksums(storage_call const& call, std::string_view fallback_header = {});

/// `x-ms-blob-content-*` properties with their plain twins, and the default content type.
[[nodiscard]] std::vector<std::pair<std::string, std::string>>
stored_properties(request const& http);
/// `x-ms-meta-*`, checked for size and names.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> stored_metadata(request const& http);

/// A block id as sent: base64 of 1 to 64 bytes. \returns its decoded length
std::size_t check_block_id(std::string const& id);

/// A read or write condition: what `If-*` headers say about a resource with this etag and date.
enum class condition
{
    met,
    not_met,
    not_modified, ///< `If-None-Match` or `If-Modified-Since` not met: 304 for reads
    exists        ///< `If-None-Match: *` on something that exists
};
[[nodiscard]] condition evaluate_conditions(request const& http, bool exists,
                                            std::string const& etag, system_time modified);

} // namespace kusto::emulator
