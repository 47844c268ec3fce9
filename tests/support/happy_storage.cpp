#include <support/happy_storage.hpp>

#include <base/base64.hpp>
#include <base/percent.hpp>
#include <boost/json.hpp>
#include <stdexcept>
#include <utility>
#include <zlib.h>

namespace kusto::test
{

namespace json = boost::json;
using async::http_request;
using async::http_response;

namespace
{

http_response answer(int status, std::string body = std::string())
{
    http_response out;
    out.status = status;
    out.body = std::move(body);
    out.headers.emplace_back("x-ms-request-id", "storage-request");
    return out;
}

http_response refusal(int status, std::string const& code)
{
    auto out = answer(status, "<?xml version=\"1.0\"?><Error><Code>" + code +
                                  "</Code><Message>no</Message></Error>");
    out.headers.emplace_back("x-ms-error-code", code);
    return out;
}

std::string_view header(http_request const& request, std::string_view name)
{
    for (auto const& [key, value] : request.headers)
    {
        if (key == name)
            return value;
    }
    return {};
}

/// What stands between `begin` and `end`, from `at` on; `at` moves behind it. Empty: nothing more.
std::string_view between(std::string_view text, std::string_view begin, std::string_view end,
                         std::size_t& at)
{
    auto const from = text.find(begin, at);
    auto const to = from == text.npos ? text.npos : text.find(end, from + begin.size());
    if (to == text.npos)
        return {};
    at = to + end.size();
    return text.substr(from + begin.size(), to - from - begin.size());
}

std::string text_of(json::object const& object, char const* name)
{
    auto const* const value = object.if_contains(name);
    if (value == nullptr || !value->is_string())
        return {};
    return std::string(value->get_string().data(), value->get_string().size());
}

} // namespace

std::string happy_storage::sas()
{
    return "sv=2018-03-28&sp=rwau&se=2026-01-03T00%3A00%3A00Z&sig=CANARYsignature%2B%3D";
}

std::string happy_storage::identity_token()
{
    return "CANARYidentity";
}

std::string happy_storage::host(std::string_view account, std::string_view service)
{
    return std::string(account) + '.' + std::string(service) + ".core.windows.net";
}

void happy_storage::complain(std::string_view what, http_request const& request)
{
    complaints_.append("\n  ").append(what).append(": ").append(request.target.without_query());
}

bool happy_storage::is_signed(http_request const& request)
{
    auto const& query = request.target.query();
    bool const right = query == sas() || query.ends_with('&' + sas());
    if (!right)
        complain("not signed byte for byte", request);
    if (header(request, "x-ms-version").empty() || header(request, "x-ms-date").empty())
        complain("without version or date", request);
    return right;
}

void happy_storage::commit(http_request const& request, std::string content)
{
    auto const address = request.target.without_query();
    auto const known = blobs_.find(address);
    if (known != blobs_.end() && known->second != content)
        complain("a repetition with other bytes", request);
    blobs_[address] = std::move(content);
}

http_response happy_storage::put_blob(http_request const& request, std::string body)
{
    if (!is_signed(request))
        return refusal(403, "AuthenticationFailed");
    if (header(request, "x-ms-blob-type") != "BlockBlob" || body.empty())
    {
        complain("not a block blob with contents", request);
        return refusal(400, "InvalidHeaderValue");
    }
    commit(request, std::move(body));
    return answer(201);
}

http_response happy_storage::put_block(http_request const& request, std::string body)
{
    if (!is_signed(request))
        return refusal(403, "AuthenticationFailed");
    std::size_t at = 0;
    auto const id = base::percent_decode(between(request.target.query(), "blockid=", "&", at));
    if (!id || !base::base64_decode(*id) || body.empty())
    {
        complain("a block without id or contents", request);
        return refusal(400, "InvalidQueryParameterValue");
    }
    auto& blocks = blocks_[request.target.without_query()];
    if (!blocks.empty() && blocks.begin()->first.size() != id->size())
        complain("block ids of different lengths", request);
    blocks[*id] = std::move(body);
    return answer(201);
}

http_response happy_storage::put_block_list(http_request const& request, std::string const& body)
{
    if (!is_signed(request))
        return refusal(403, "AuthenticationFailed");
    auto& blocks = blocks_[request.target.without_query()];
    std::string whole;
    std::size_t at = 0;
    for (;;)
    {
        auto const id = between(body, "<Latest>", "</Latest>", at);
        if (id.empty())
            break;
        auto const block = blocks.find(std::string(id));
        if (block == blocks.end())
        {
            complain("a list with a block that is not there", request);
            return refusal(400, "InvalidBlockList");
        }
        whole += block->second;
    }
    commit(request, std::move(whole));
    return answer(201);
}

http_response happy_storage::put_message(http_request const& request, std::string const& body)
{
    if (!is_signed(request))
        return refusal(403, "AuthenticationFailed");
    std::size_t at = 0;
    auto const text = between(body, "<MessageText>", "</MessageText>", at);
    auto const message = base::base64_decode(text);
    if (!message || !request.target.path().ends_with("/messages"))
    {
        complain("not a message in base64", request);
        return refusal(400, "InvalidXmlDocument");
    }
    take_message(*message, request);
    return answer(201);
}

void happy_storage::take_message(std::string_view text, http_request const& request)
{
    boost::system::error_code bad;
    auto const parsed = json::parse(json::string_view(text.data(), text.size()), bad);
    if (bad || !parsed.is_object())
        return complain("a message that is not a JSON object", request);
    auto const& message = parsed.get_object();
    auto const blob = base::url::parse(text_of(message, "BlobPath"));
    if (!blob || blob->query() != sas())
        return complain("a message without a signed blob", request);
    auto const content = blobs_.find(blob->without_query());
    if (content == blobs_.end())
        return complain("a message for a blob that is not committed", request);
    auto const* const properties = message.if_contains("AdditionalProperties");
    if (properties == nullptr || !properties->is_object() ||
        text_of(properties->get_object(), "authorizationContext") != identity_token())
        complain("a message without the identity token", request);
    auto const id = text_of(message, "Id");
    if (id.empty() || blob->path().find(id) == std::string::npos)
        complain("a message whose blob is not named after its id", request);
    std::string plain;
    try
    {
        plain = gunzip(content->second);
    }
    catch (std::runtime_error const&)
    {
        complain("a message for a blob that is not gzip", request);
    }
    auto const* const size = message.if_contains("RawDataSize");
    if (size == nullptr || !size->is_number() || size->to_number<std::size_t>() != plain.size())
        complain("a message with a wrong raw size", request);
    ++messages_[id];
    posts_.push_back(post{blob->without_query(), std::move(plain)});
}

std::set<std::string> happy_storage::posted_twice() const
{
    std::set<std::string> out;
    for (auto const& [id, count] : messages_)
    {
        if (count > 1)
            out.insert(id);
    }
    return out;
}

http_response happy_storage::insert_entity(http_request const& request, std::string const& body)
{
    if (!is_signed(request))
        return refusal(403, "AuthenticationFailed");
    boost::system::error_code bad;
    auto const parsed = json::parse(body, bad);
    if (bad || !parsed.is_object())
    {
        complain("an entity that is not a JSON object", request);
        return refusal(400, "InvalidInput");
    }
    auto const id = text_of(parsed.get_object(), "PartitionKey");
    auto const key = request.target.path() + "(PartitionKey='" + id + "',RowKey='" +
                     text_of(parsed.get_object(), "RowKey") + "')";
    if (!entities_.emplace(key, entity{body}).second)
        return refusal(409, "EntityAlreadyExists");
    return answer(204);
}

http_response happy_storage::write_entity(http_request const& request, std::string const& body)
{
    if (!is_signed(request))
        return refusal(403, "AuthenticationFailed");
    auto const key = base::percent_decode(request.target.path());
    if (!key || key->find("PartitionKey='") == std::string::npos)
    {
        complain("an entity without a key", request);
        return refusal(400, "PropertiesNeedValue");
    }
    entities_[*key] = entity{body};
    return answer(204);
}

http_response happy_storage::read_entity(http_request const& request)
{
    if (!is_signed(request))
        return refusal(403, "AuthenticationFailed");
    auto const key = base::percent_decode(request.target.path());
    auto const found = key ? entities_.find(*key) : entities_.end();
    if (found == entities_.end())
        return refusal(404, "ResourceNotFound");
    boost::system::error_code bad;
    auto parsed = json::parse(found->second.body, bad);
    if (bad || !parsed.is_object())
        return answer(200, found->second.body);
    auto& object = parsed.get_object();
    bool const posted = messages_.contains(text_of(object, "IngestionSourceId"));
    if (posted && ++found->second.reads > reads_until_succeeded_)
        object["Status"] = "Succeeded";
    return answer(200, json::serialize(object));
}

std::string gunzip(std::string const& data)
{
    z_stream stream{};
    if (inflateInit2(&stream, 15 + 16) != Z_OK)
        throw std::runtime_error("inflateInit2");
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
    stream.avail_in = static_cast<uInt>(data.size());
    std::string out;
    std::string room(std::size_t(1) << 16, '\0');
    int code = Z_OK;
    while (code == Z_OK)
    {
        stream.next_out = reinterpret_cast<Bytef*>(room.data());
        stream.avail_out = static_cast<uInt>(room.size());
        code = inflate(&stream, Z_NO_FLUSH);
        out.append(room, 0, room.size() - stream.avail_out);
    }
    bool const whole = code == Z_STREAM_END && stream.avail_in == 0;
    inflateEnd(&stream);
    if (!whole)
        throw std::runtime_error("not one whole gzip member");
    return out;
}

std::string gzip(std::string const& text)
{
    z_stream stream{};
    if (deflateInit2(&stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        throw std::runtime_error("deflateInit2");
    std::string out(deflateBound(&stream, static_cast<uLong>(text.size())), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    int const code = deflate(&stream, Z_FINISH);
    out.resize(out.size() - stream.avail_out);
    deflateEnd(&stream);
    if (code != Z_STREAM_END)
        throw std::runtime_error("deflate");
    return out;
}

} // namespace kusto::test
