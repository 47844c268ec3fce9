#include <emulator/server/blob_checks.hpp>
#include <emulator/server/blob_service.hpp>
#include <emulator/server/storage_error.hpp>
#include <emulator/server/xml.hpp>

namespace kusto::emulator
{

namespace
{

constexpr std::size_t uncommitted_limit = 100'000;
constexpr std::size_t block_list_limit = 50'000;
constexpr std::uint64_t block_list_bytes_limit = 8 * mebibyte;

response created(storage_call const& call, std::string const& etag, system_time modified)
{
    response answer;
    answer.status = 201;
    if (!etag.empty())
    {
        answer.headers.add("ETag", etag);
        answer.headers.add("Last-Modified", http_date(modified));
    }
    if (auto const* crc = call.http.headers.find("x-ms-content-crc64"); crc != nullptr)
        answer.headers.add("x-ms-content-crc64", *crc);
    answer.headers.add("x-ms-request-server-encrypted", "true");
    return answer;
}

void check_blob_type(request const& http)
{
    auto const* type = http.headers.find("x-ms-blob-type");
    if (type == nullptr)
        throw missing_header("x-ms-blob-type");
    if (*type != "BlockBlob")
        throw invalid_header("x-ms-blob-type", *type, "Only BlockBlob is simulated.");
}

void check_blob_name(std::string const& name)
{
    bool const valid = !name.empty() && name.size() <= 1024 && name.back() != '.';
    if (!valid)
        throw storage_error(400, "InvalidResourceName",
                            "The specified resource name contains invalid characters.");
}

} // namespace

void blob_service::check_write_conditions(storage_call const& call, blob const* existing)
{
    if (existing != nullptr && call.permissions.find('w') == std::string::npos)
        throw storage_error(403, "UnauthorizedBlobOverwrite",
                            "This request is not authorized to perform blob overwrites.");
    auto const verdict = evaluate_conditions(
        call.http, existing != nullptr, existing != nullptr ? existing->etag : std::string(),
        existing != nullptr ? existing->modified : system_time());
    if (verdict == condition::exists)
        throw storage_error(409, "BlobAlreadyExists", "The specified blob already exists.");
    if (verdict != condition::met)
        throw storage_error(412, "ConditionNotMet",
                            "The condition specified using HTTP conditional header(s) is not met.");
}

void blob_service::replace(storage_call const& call, blob& target, std::vector<block> blocks,
                           std::string content_md5)
{
    constexpr std::string_view hex = "0123456789ABCDEF";
    std::string etag;
    for (auto value = ++etag_counter_; value != 0; value >>= 4)
        etag.insert(etag.begin(), hex[value & 15]);
    target.etag = "\"0x" + etag + "\"";
    if (!target.committed)
        target.created = call.now;
    target.committed = true;
    target.ingested = false;
    target.modified = call.now;
    target.blocks = std::move(blocks);
    target.uncommitted.clear();
    target.inside.reset();
    target.size = 0;
    for (auto const& part : target.blocks)
        target.size += part.bytes->size();
    target.content_md5 = std::move(content_md5);
    target.properties = stored_properties(call.http);
    target.metadata = stored_metadata(call.http);
    ++counts_.blobs_put;
    counts_.bytes_put += target.size;
}

bool blob_service::discards(request const& head) const
{
    if (mode_ != discard_mode::checksum || head.method != "PUT")
        return false;
    for (auto const* name : {"Content-MD5", "x-ms-content-crc64", "x-ms-blob-content-md5"})
        if (head.headers.has(name))
            return false;
    return query_parameters(head.query).get("comp") != "blocklist";
}

blob_service::payload blob_service::take_body(request& http) const
{
    stored_bytes out;
    out.discarded = http.discarded;
    if (!out.discarded && mode_ == discard_mode::checksum)
        out.discarded.emplace().add(http.body);
    if (!out.discarded)
        out.text = std::move(http.body);
    return std::make_shared<stored_bytes const>(std::move(out));
}

/// Works without the lock: other requests go on meanwhile. Only a later Put could change the
/// blob's content, which the etag tells.
void blob_service::inflate_and_drop(sas_target const& target)
{
    std::vector<block> blocks;
    std::string etag;
    {
        std::lock_guard const lock(mutex_);
        auto const& source = find_blob(target);
        blocks = source.blocks;
        etag = source.etag;
    }
    std::vector<std::string_view> parts;
    stored_bytes left;
    left.discarded.emplace();
    for (auto const& part : blocks)
    {
        parts.push_back(part.bytes->text);
        left.discarded->add(part.bytes->text);
    }
    auto const inside = inflate_and_count(parts);
    std::lock_guard const lock(mutex_);
    auto& blobs = find_container(target).blobs;
    auto const found = blobs.find(target.object);
    if (found == blobs.end() || found->second.etag != etag)
        return;
    found->second.inside = inside;
    found->second.blocks.assign(1, block());
    found->second.blocks.front().bytes = std::make_shared<stored_bytes const>(std::move(left));
}

std::optional<discarded_content> blob_service::discarded(sas_target const& target) const
{
    std::lock_guard const lock(mutex_);
    auto const& source = find_blob(target);
    if (mode_ == discard_mode::off)
        return std::nullopt;
    discarded_content out;
    for (auto const& part : source.blocks)
        if (part.bytes->discarded)
            out.summary.add(*part.bytes->discarded);
    out.inflated = source.inside.has_value();
    out.inside = source.inside.value_or(inflated_content());
    return out;
}

response blob_service::put_blob(storage_call& call)
{
    check_body(call, put_blob_limit(call.version));
    check_blob_type(call.http);
    check_blob_name(call.target.object);
    check_checksums(call, "x-ms-blob-content-md5");
    auto const digest =
        call.http.discarded ? std::string() : base64_encode(md5(call.http.body));

    std::lock_guard const lock(mutex_);
    auto& blobs = find_container(call.target).blobs;
    auto const found = blobs.find(call.target.object);
    bool const exists = found != blobs.end() && found->second.committed;
    check_write_conditions(call, exists ? &found->second : nullptr);
    auto const given = std::string(call.http.headers.get("x-ms-blob-content-md5"));
    std::vector<block> content(1);
    content.front().bytes = take_body(call.http);
    auto& target = blobs[call.target.object];
    replace(call, target, std::move(content), given.empty() ? digest : given);
    auto answer = created(call, target.etag, target.modified);
    if (!digest.empty())
        answer.headers.add("Content-MD5", digest);
    return answer;
}

response blob_service::put_block(storage_call& call)
{
    check_body(call, put_block_limit(call.version));
    check_blob_name(call.target.object);
    auto const* id = call.query.find("blockid");
    if (id == nullptr)
        throw storage_error(400, "MissingRequiredQueryParameter",
                            "A query parameter that's mandatory for this request is not specified.")
            .with("QueryParameterName", "blockid");
    auto const length = check_block_id(*id);
    if (call.http.body_size() == 0)
        throw invalid_header("Content-Length", "0", "A block cannot be empty.");
    check_checksums(call);
    bool const md5_wanted = call.http.headers.has("Content-MD5");
    auto const digest = md5_wanted ? base64_encode(md5(call.http.body)) : std::string();

    std::lock_guard const lock(mutex_);
    auto& target = find_container(call.target).blobs[call.target.object];
    for (auto const& [other, bytes] : target.uncommitted)
    {
        if (check_block_id(other) != length)
            throw storage_error(400, "InvalidBlobOrBlock",
                                "The specified blob or block content is invalid.");
    }
    if (target.uncommitted.size() >= uncommitted_limit && target.uncommitted.count(*id) == 0)
        throw storage_error(409, "BlockCountExceedsLimit",
                            "The uncommitted block count cannot exceed the maximum limit of "
                            "100,000 blocks.");
    target.uncommitted[*id] = take_body(call.http);
    ++counts_.blocks_put;
    auto answer = created(call, {}, {});
    if (md5_wanted)
        answer.headers.add("Content-MD5", digest);
    return answer;
}

std::vector<blob_service::block> blob_service::resolve(std::string_view xml, blob const& from)
{
    auto const document = parse_xml(xml);
    if (!document || document->name != "BlockList")
        throw invalid_xml();
    if (document->children.size() > block_list_limit)
        throw storage_error(400, "BlockListTooLong",
                            "The block list may not contain more than 50,000 blocks.");
    std::map<std::string_view, payload> committed;
    for (auto const& part : from.blocks)
    {
        if (!part.id.empty())
            committed.emplace(part.id, part.bytes);
    }
    std::vector<block> out;
    for (auto const& entry : document->children)
    {
        bool const latest = entry.name == "Latest";
        if (!latest && entry.name != "Uncommitted" && entry.name != "Committed")
            throw invalid_xml();
        payload bytes;
        if (latest || entry.name == "Uncommitted")
        {
            auto const found = from.uncommitted.find(entry.text);
            bytes = found != from.uncommitted.end() ? found->second : nullptr;
        }
        if (!bytes && (latest || entry.name == "Committed"))
        {
            auto const found = committed.find(entry.text);
            bytes = found != committed.end() ? found->second : nullptr;
        }
        if (!bytes)
            throw storage_error(400, "InvalidBlockList", "The specified block list is invalid.");
        out.push_back({entry.text, std::move(bytes)});
    }
    return out;
}

response blob_service::put_block_list(storage_call& call)
{
    check_body(call, block_list_bytes_limit);
    check_blob_name(call.target.object);
    check_checksums(call);
    auto const digest = base64_encode(md5(call.http.body));

    std::lock_guard const lock(mutex_);
    auto& blobs = find_container(call.target).blobs;
    auto const found = blobs.find(call.target.object);
    bool const exists = found != blobs.end() && found->second.committed;
    check_write_conditions(call, exists ? &found->second : nullptr);
    blob const nothing;
    auto content = resolve(call.http.body, found != blobs.end() ? found->second : nothing);
    auto& target = blobs[call.target.object];
    replace(call, target, std::move(content),
            std::string(call.http.headers.get("x-ms-blob-content-md5")));
    auto answer = created(call, target.etag, target.modified);
    answer.headers.add("Content-MD5", digest);
    return answer;
}

} // namespace kusto::emulator
