#include <emulator/server/blob_checks.hpp>

#include <emulator/server/storage_error.hpp>

namespace kusto::emulator
{

namespace
{

constexpr std::size_t metadata_limit = 8192;
constexpr std::size_t block_id_limit = 64;

bool identifier(std::string_view name)
{
    if (name.empty() || (name.front() >= '0' && name.front() <= '9'))
        return false;
    for (char const c : name)
    {
        bool const valid =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        if (!valid)
            return false;
    }
    return true;
}

void check_md5(std::string const& header, std::string const& given, std::string const& body)
{
    auto const decoded = base64_decode(given);
    if (!decoded || decoded->size() != 16)
        throw storage_error(400, "InvalidMd5",
                            "The MD5 value specified in the request is invalid. MD5 value must be "
                            "128 bits and base64-encoded.")
            .with("HeaderName", header);
    auto const actual = md5(body);
    if (*decoded != actual)
        throw storage_error(400, "Md5Mismatch",
                            "The MD5 value specified in the request did not match with the MD5 "
                            "value calculated by the server.")
            .with("UserSpecifiedMd5", given)
            .with("ServerCalculatedMd5", base64_encode(actual));
}

void check_crc(std::string const& given, std::string const& body)
{
    auto const decoded = base64_decode(given);
    if (!decoded || decoded->size() != 8)
        throw invalid_header("x-ms-content-crc64", given);
    auto const actual = crc64_header(crc64(body));
    if (actual != given)
        throw storage_error(400, "Crc64Mismatch",
                            "The CRC64 value specified in the request did not match with the CRC64 "
                            "value calculated by the server.")
            .with("UserSpecifiedCrc64", given)
            .with("ServerCalculatedCrc64", actual);
}

bool etag_matches(std::string_view list, std::string const& etag)
{
    if (list == "*")
        return true;
    auto const strip = [](std::string_view text)
    {
        bool const quoted = text.size() > 1 && text.front() == '"' && text.back() == '"';
        return quoted ? text.substr(1, text.size() - 2) : text;
    };
    return strip(list) == strip(etag);
}

} // namespace

void check_body(storage_call const& call, std::uint64_t limit)
{
    auto const* length = call.http.headers.find("Content-Length");
    if (length == nullptr)
        throw storage_error(411, "MissingContentLengthHeader",
                            "The Content-Length header was not specified.");
    if (call.http.body_size() > limit)
        throw body_too_large(limit);
}

std::uint64_t put_blob_limit(std::string const& version)
{
    if (version >= "2019-12-12")
        return 5000 * mebibyte;
    return version >= "2016-05-31" ? 256 * mebibyte : 64 * mebibyte;
}

std::uint64_t put_block_limit(std::string const& version)
{
    if (version >= "2019-12-12")
        return 4000 * mebibyte;
    return version >= "2016-05-31" ? 100 * mebibyte : 4 * mebibyte;
}

void check_checksums(storage_call const& call, std::string_view fallback_header)
{
    auto const& headers = call.http.headers;
    auto const* given_md5 = headers.find("Content-MD5");
    auto const* given_crc = headers.find("x-ms-content-crc64");
    if (given_md5 != nullptr && given_crc != nullptr)
        throw invalid_header("x-ms-content-crc64", *given_crc,
                             "Content-MD5 and x-ms-content-crc64 cannot be combined.");
    if (given_md5 != nullptr)
        check_md5("Content-MD5", *given_md5, call.http.body);
    if (given_crc != nullptr)
        check_crc(*given_crc, call.http.body);
    auto const* fallback = fallback_header.empty() ? nullptr : headers.find(fallback_header);
    if (given_md5 == nullptr && fallback != nullptr)
        check_md5(std::string(fallback_header), *fallback, call.http.body);
}

std::vector<std::pair<std::string, std::string>> stored_properties(request const& http)
{
    struct twin
    {
        char const* blob_header;
        char const* plain_header;
    };
    constexpr twin twins[] = {{"x-ms-blob-content-type", "Content-Type"},
                              {"x-ms-blob-content-encoding", "Content-Encoding"},
                              {"x-ms-blob-content-language", "Content-Language"},
                              {"x-ms-blob-content-disposition", nullptr},
                              {"x-ms-blob-cache-control", "Cache-Control"}};
    std::vector<std::pair<std::string, std::string>> out;
    for (auto const& [blob_header, plain_header] : twins)
    {
        auto value = http.headers.get(blob_header);
        if (value.empty() && plain_header != nullptr)
            value = http.headers.get(plain_header);
        std::string const name = plain_header != nullptr ? plain_header : "Content-Disposition";
        if (!value.empty())
            out.emplace_back(name, std::string(value));
        else if (name == "Content-Type")
            out.emplace_back(name, "application/octet-stream");
    }
    return out;
}

std::vector<std::pair<std::string, std::string>> stored_metadata(request const& http)
{
    constexpr std::string_view prefix = "x-ms-meta-";
    std::vector<std::pair<std::string, std::string>> out;
    std::size_t total = 0;
    for (auto const& [name, value] : http.headers)
    {
        if (name.size() < prefix.size() ||
            !equal_no_case(std::string_view(name).substr(0, prefix.size()), prefix))
            continue;
        auto const key = name.substr(prefix.size());
        if (!identifier(key))
            throw storage_error(400, "InvalidMetadata",
                                "The metadata specified is invalid. It has characters that are not "
                                "permitted.")
                .with("HeaderName", name);
        total += key.size() + value.size();
        out.emplace_back(key, value);
    }
    if (total > metadata_limit)
        throw storage_error(400, "MetadataTooLarge",
                            "The metadata specified exceeds the maximum permissible limit (8KB).");
    return out;
}

std::size_t check_block_id(std::string const& id)
{
    auto const decoded = base64_decode(id);
    if (!decoded || decoded->empty())
        throw invalid_parameter("blockid", id, "Not a valid base64 string.");
    if (decoded->size() > block_id_limit)
        throw storage_error(400, "OutOfRangeInput", "One of the request inputs is out of range.")
            .with("Reason", "Block ID length cannot exceed 64.");
    return decoded->size();
}

condition evaluate_conditions(request const& http, bool exists, std::string const& etag,
                              system_time modified)
{
    auto const& headers = http.headers;
    if (auto const* match = headers.find("If-Match"); match != nullptr)
    {
        if (!exists || !etag_matches(*match, etag))
            return condition::not_met;
    }
    if (auto const* none = headers.find("If-None-Match"); none != nullptr && exists)
    {
        if (*none == "*")
            return condition::exists;
        if (etag_matches(*none, etag))
            return condition::not_modified;
    }
    auto const date_of = [&](char const* name) -> std::optional<system_time>
    {
        auto const* text = headers.find(name);
        if (text == nullptr)
            return std::nullopt;
        auto const date = parse_http_date(*text);
        if (!date)
            throw invalid_header(name, *text);
        return date;
    };
    auto const whole = std::chrono::floor<std::chrono::seconds>(modified);
    if (auto const since = date_of("If-Unmodified-Since"); since && exists && whole > *since)
        return condition::not_met;
    if (auto const since = date_of("If-Modified-Since"); since && exists && whole <= *since)
        return condition::not_modified;
    return condition::met;
}

} // namespace kusto::emulator
