#include <wire/storage.hpp>

#include <base/ascii.hpp>
#include <base/base64.hpp>
#include <base/percent.hpp>
#include <wire/storage_headers.hpp>
#include <wire/xml.hpp>

namespace kusto::wire
{

namespace
{

constexpr std::size_t longest_blob_name = 1024;
constexpr std::size_t longest_message = 64 * 1024; // as transmitted, that is in base64
constexpr std::string_view blob_content_type = "application/gzip";

std::string without_slash(std::string path)
{
    while (path.ends_with('/'))
        path.pop_back();
    return path;
}

std::string with_parameters(std::string own, std::string const& sas)
{
    return sas.empty() ? own : own + '&' + sas;
}

void append_component(std::string& name, std::string_view text)
{
    for (char const c : text)
    {
        bool const plain =
            base::is_letter(c) || base::is_digit(c) || c == '.' || c == '-' || c == '_';
        name += plain ? c : '_';
    }
}

} // namespace

header_list storage_headers(std::string request_id, base::utc_time_point now)
{
    header_list headers;
    headers.reserve(8);
    headers.emplace_back("x-ms-version", "2021-12-02");
    headers.emplace_back("x-ms-date", base::rfc1123_text(now));
    headers.emplace_back("x-ms-client-request-id", std::move(request_id));
    return headers;
}

std::string blob_name(std::string_view database, std::string_view table,
                      base::guid const& source_id, data_format format)
{
    auto const id = source_id.to_string();
    std::string_view const extension = format == data_format::json ? ".json.gz" : ".csv.gz";
    // What makes the name unique stays whole, whatever the other names are.
    auto const rest = id.size() + extension.size() + 4;
    auto const for_each_name = (longest_blob_name - rest) / 2;
    std::string name;
    append_component(name, database.substr(0, for_each_name));
    name += "__";
    append_component(name, table.substr(0, for_each_name));
    name += "__";
    name += id;
    name += extension;
    return name;
}

base::url blob_url(base::url const& container, std::string_view name)
{
    auto path = without_slash(container.path());
    path += '/';
    path += base::percent_encode_path(name);
    return container.with_target(std::move(path), container.query());
}

storage_request put_blob(base::url const& blob, std::string request_id, base::utc_time_point now)
{
    auto headers = storage_headers(std::move(request_id), now);
    headers.emplace_back("x-ms-blob-type", "BlockBlob");
    headers.emplace_back("x-ms-blob-content-type", blob_content_type);
    headers.emplace_back("Content-Type", "application/octet-stream");
    return storage_request(blob, std::move(headers));
}

std::string block_id(base::guid const& upload, std::size_t index)
{
    auto const& bytes = upload.bytes();
    std::string raw(bytes.begin(), bytes.begin() + 9);
    std::string digits(6, '0');
    for (std::size_t i = digits.size(); i-- > 0; index /= 10)
        digits[i] = static_cast<char>('0' + index % 10);
    return base::base64_encode(raw + digits);
}

storage_request put_block(base::url const& blob, std::string_view id, std::string request_id,
                          base::utc_time_point now)
{
    auto query = with_parameters("comp=block&blockid=" + base::percent_encode(id), blob.query());
    auto headers = storage_headers(std::move(request_id), now);
    headers.emplace_back("Content-Type", "application/octet-stream");
    return storage_request(blob.with_target(blob.path(), std::move(query)), std::move(headers));
}

storage_request put_block_list(base::url const& blob, std::vector<std::string> const& ids,
                               std::string request_id, base::utc_time_point now)
{
    std::string body = "<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>";
    for (auto const& id : ids)
        body.append("<Latest>").append(xml_escaped(id)).append("</Latest>");
    body += "</BlockList>";
    auto query = with_parameters("comp=blocklist", blob.query());
    auto headers = storage_headers(std::move(request_id), now);
    headers.emplace_back("x-ms-blob-content-type", blob_content_type);
    headers.emplace_back("Content-Type", "application/xml");
    return storage_request(blob.with_target(blob.path(), std::move(query)), std::move(headers),
                           std::move(body));
}

result<storage_request> put_message(base::url const& queue, std::string_view json,
                                    std::string request_id, base::utc_time_point now)
{
    auto const text = base::base64_encode(json);
    if (text.size() > longest_message)
    {
        failure why(errc::request_rejected, stage::post,
                    "the queue message has " + std::to_string(json.size()) +
                        " bytes; 49152 are allowed. Use fewer or shorter tags");
        why.host(queue.authority()).request_id(std::move(request_id));
        return why;
    }
    auto path = without_slash(queue.path()) + "/messages";
    auto headers = storage_headers(std::move(request_id), now);
    headers.emplace_back("Content-Type", "application/xml");
    return storage_request(queue.with_target(std::move(path), queue.query()), std::move(headers),
                           "<QueueMessage><MessageText>" + text + "</MessageText></QueueMessage>");
}

} // namespace kusto::wire
