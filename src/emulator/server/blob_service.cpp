#include <emulator/server/blob_service.hpp>

#include <algorithm>
#include <emulator/server/blob_checks.hpp>
#include <emulator/server/storage_error.hpp>

namespace kusto::emulator
{

namespace
{

storage_error blob_not_found()
{
    return storage_error(404, "BlobNotFound", "The specified blob does not exist.");
}

struct byte_range
{
    std::uint64_t begin = 0;
    std::uint64_t end = 0; ///< one past the last
    bool partial = false;
};

/// `bytes=a-b` or `bytes=a-`, clipped to the blob.
byte_range requested_range(request const& http, std::uint64_t size)
{
    auto text = http.headers.get("x-ms-range");
    if (text.empty())
        text = http.headers.get("Range");
    if (text.empty())
        return {0, size, false};
    auto const dash = text.find('-');
    if (text.substr(0, 6) != "bytes=" || dash == std::string_view::npos)
        throw invalid_header("Range", std::string(text));
    auto const first = parse_number(text.substr(6, dash - 6));
    auto const last_text = text.substr(dash + 1);
    auto const last = parse_number(last_text);
    if (!first || *first < 0 || (!last_text.empty() && (!last || *last < *first)))
        throw invalid_header("Range", std::string(text));
    auto const begin = static_cast<std::uint64_t>(*first);
    if (begin >= size)
        throw storage_error(416, "InvalidRange",
                            "The range specified is invalid for the current size of the resource.");
    auto const end = last ? std::min(size, static_cast<std::uint64_t>(*last) + 1) : size;
    return {begin, end, true};
}

} // namespace

void blob_service::create_container(std::string const& account, std::string const& name)
{
    std::lock_guard const lock(mutex_);
    containers_[container_key(account, name)];
}

bool blob_service::has_container(std::string const& account, std::string const& name) const
{
    std::lock_guard const lock(mutex_);
    return containers_.count(container_key(account, name)) != 0;
}

sas_need blob_service::need(storage_call const& call) const
{
    auto const& method = call.http.method;
    auto const comp = call.query.get("comp");
    if (call.target.object.empty())
    {
        if (method == "GET" && comp == "list" && call.query.get("restype") == "container")
            return {"l", {}, 'c'};
        throw unsupported_verb();
    }
    if (call.http.headers.has("x-ms-copy-source"))
        throw storage_error(
            501, "NotImplemented",
            "The requested operation is not implemented on the specified resource.");
    bool const get = method == "GET" || method == "HEAD";
    if (comp.empty() && method == "PUT")
        return {"cw"};
    if ((comp == "block" || comp == "blocklist") && method == "PUT")
        return {"w"};
    if ((comp.empty() && get) || (comp == "blocklist" && method == "GET"))
        return {"r"};
    if (comp.empty() && method == "DELETE")
        return {"d"};
    if (comp.empty() || comp == "block" || comp == "blocklist")
        throw unsupported_verb();
    throw invalid_parameter("comp", comp, "This operation is not simulated.");
}

response blob_service::handle(storage_call& call)
{
    auto const& method = call.http.method;
    auto const comp = call.query.get("comp");
    if (call.target.object.empty())
        return list_blobs(call);
    if (method == "PUT" && comp == "block")
        return put_block(call);
    if (method == "PUT")
    {
        auto answer = comp == "blocklist" ? put_block_list(call) : put_blob(call);
        if (mode_ == discard_mode::inflate)
            inflate_and_drop(call.target);
        return answer;
    }
    if (method == "DELETE")
        return delete_blob(call);
    return comp == "blocklist" ? get_block_list(call) : get_blob(call);
}

blob_service::container& blob_service::find_container(sas_target const& target)
{
    auto const found = containers_.find(container_key(target.account, target.resource));
    if (found == containers_.end())
        throw storage_error(404, "ContainerNotFound", "The specified container does not exist.");
    return found->second;
}

blob_service::container const& blob_service::find_container(sas_target const& target) const
{
    return const_cast<blob_service*>(this)->find_container(target);
}

blob_service::blob const& blob_service::find_blob(sas_target const& target) const
{
    auto const& blobs = find_container(target).blobs;
    auto const found = blobs.find(target.object);
    if (found == blobs.end() || !found->second.committed)
        throw blob_not_found();
    return found->second;
}

std::string blob_service::read(blob const& from, std::uint64_t begin, std::uint64_t end)
{
    for (auto const& part : from.blocks)
        if (part.bytes->discarded)
            throw storage_error(501, "NotImplemented",
                                "The content of this blob was thrown away, as the cluster's "
                                "options say.");
    std::string out;
    out.reserve(static_cast<std::size_t>(end - begin));
    std::uint64_t at = 0;
    for (auto const& part : from.blocks)
    {
        auto const size = part.bytes->size();
        auto const first = std::max(begin, at);
        auto const last = std::min<std::uint64_t>(end, at + size);
        if (first < last)
            out.append(part.bytes->text, static_cast<std::size_t>(first - at),
                       static_cast<std::size_t>(last - first));
        at += size;
    }
    return out;
}

response blob_service::get_blob(storage_call const& call) const
{
    std::lock_guard const lock(mutex_);
    auto const& source = find_blob(call.target);
    auto const verdict = evaluate_conditions(call.http, true, source.etag, source.modified);
    if (verdict == condition::not_met)
        throw storage_error(412, "ConditionNotMet",
                            "The condition specified using HTTP conditional header(s) is not met.");
    if (verdict != condition::met)
        throw storage_error(304, "ConditionNotMet", "");
    auto const range = requested_range(call.http, source.size);
    response answer;
    answer.status = range.partial ? 206 : 200;
    if (range.partial)
        answer.headers.add("Content-Range", "bytes " + std::to_string(range.begin) + "-" +
                                                std::to_string(range.end - 1) + "/" +
                                                std::to_string(source.size));
    answer.headers.add("ETag", source.etag);
    answer.headers.add("Last-Modified", http_date(source.modified));
    answer.headers.add("x-ms-creation-time", http_date(source.created));
    answer.headers.add("x-ms-blob-type", "BlockBlob");
    answer.headers.add("x-ms-lease-state", "available");
    answer.headers.add("x-ms-lease-status", "unlocked");
    answer.headers.add("Accept-Ranges", "bytes");
    answer.headers.add("x-ms-server-encrypted", "true");
    if (!source.content_md5.empty())
        answer.headers.add(range.partial ? "x-ms-blob-content-md5" : "Content-MD5",
                           source.content_md5);
    for (auto const& [name, value] : source.properties)
        answer.headers.add(name, value);
    for (auto const& [name, value] : source.metadata)
        answer.headers.add("x-ms-meta-" + name, value);
    if (call.http.method == "HEAD")
        answer.head_length = static_cast<std::size_t>(range.end - range.begin);
    else
        answer.body = read(source, range.begin, range.end);
    return answer;
}

response blob_service::get_block_list(storage_call const& call) const
{
    auto kind = call.query.get("blocklisttype");
    if (kind.empty())
        kind = "committed";
    if (kind != "committed" && kind != "uncommitted" && kind != "all")
        throw invalid_parameter("blocklisttype", kind, "Must be committed, uncommitted or all.");
    std::lock_guard const lock(mutex_);
    auto const& blobs = find_container(call.target).blobs;
    auto const found = blobs.find(call.target.object);
    if (found == blobs.end())
        throw blob_not_found();
    auto const element = [](std::string const& id, std::uint64_t size)
    {
        return "<Block><Name>" + xml_escape(id) + "</Name><Size>" + std::to_string(size) +
               "</Size></Block>";
    };
    response answer;
    answer.headers.add("Content-Type", "application/xml");
    answer.headers.add("x-ms-blob-content-length", std::to_string(found->second.size));
    answer.body = "<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>";
    if (kind != "uncommitted")
    {
        answer.body += "<CommittedBlocks>";
        for (auto const& part : found->second.blocks)
            answer.body += part.id.empty() ? std::string() : element(part.id, part.bytes->size());
        answer.body += "</CommittedBlocks>";
    }
    if (kind != "committed")
    {
        answer.body += "<UncommittedBlocks>";
        for (auto const& [id, bytes] : found->second.uncommitted)
            answer.body += element(id, bytes->size());
        answer.body += "</UncommittedBlocks>";
    }
    answer.body += "</BlockList>";
    return answer;
}

response blob_service::delete_blob(storage_call const& call)
{
    std::lock_guard const lock(mutex_);
    auto const& existing = find_blob(call.target);
    if (evaluate_conditions(call.http, true, existing.etag, existing.modified) != condition::met)
        throw storage_error(412, "ConditionNotMet",
                            "The condition specified using HTTP conditional header(s) is not met.");
    find_container(call.target).blobs.erase(call.target.object);
    response answer;
    answer.status = 202;
    answer.headers.add("x-ms-delete-type-permanent", "true");
    return answer;
}

response blob_service::list_blobs(storage_call const& call) const
{
    if (!call.query.get("delimiter").empty())
        throw invalid_parameter("delimiter", call.query.get("delimiter"), "Not simulated.");
    auto const prefix = call.query.get("prefix");
    auto const marker = call.query.get("marker");
    auto const limit_text = call.query.get("maxresults");
    auto const limit =
        limit_text.empty() ? std::optional<std::int64_t>(5000) : parse_number(limit_text);
    if (!limit || *limit < 1)
        throw invalid_parameter("maxresults", limit_text, "Must be 1 to 5000.");
    std::lock_guard const lock(mutex_);
    response answer;
    answer.headers.add("Content-Type", "application/xml");
    answer.body = "<?xml version=\"1.0\" encoding=\"utf-8\"?><EnumerationResults ContainerName=\"" +
                  xml_escape(call.target.resource) + "\"><Prefix>" + xml_escape(prefix) +
                  "</Prefix><Marker>" + xml_escape(marker) + "</Marker><Blobs>";
    std::int64_t count = 0;
    std::string next;
    auto const& blobs = find_container(call.target).blobs;
    for (auto entry = blobs.lower_bound(marker); entry != blobs.end(); ++entry)
    {
        auto const& [name, item] = *entry;
        if (!item.committed || name.compare(0, prefix.size(), prefix) != 0)
            continue;
        if (count++ == std::min<std::int64_t>(*limit, 5000))
        {
            next = name;
            break;
        }
        answer.body += "<Blob><Name>" + xml_escape(name) + "</Name><Properties><Creation-Time>" +
                       http_date(item.created) + "</Creation-Time><Last-Modified>" +
                       http_date(item.modified) + "</Last-Modified><Etag>" +
                       item.etag.substr(1, item.etag.size() - 2) + "</Etag><Content-Length>" +
                       std::to_string(item.size) + "</Content-Length>";
        for (auto const& [property, value] : item.properties)
            answer.body += "<" + property + ">" + xml_escape(value) + "</" + property + ">";
        answer.body += "<Content-MD5>" + item.content_md5 +
                       "</Content-MD5><BlobType>BlockBlob</BlobType><LeaseStatus>unlocked"
                       "</LeaseStatus><LeaseState>available</LeaseState></Properties></Blob>";
    }
    answer.body += "</Blobs><NextMarker>" + xml_escape(next) + "</NextMarker></EnumerationResults>";
    return answer;
}

std::string blob_service::content(sas_target const& target) const
{
    std::lock_guard const lock(mutex_);
    auto const& source = find_blob(target);
    return read(source, 0, source.size);
}

void blob_service::remove(sas_target const& target)
{
    std::lock_guard const lock(mutex_);
    auto const found = containers_.find(container_key(target.account, target.resource));
    if (found != containers_.end())
        found->second.blobs.erase(target.object);
}

void blob_service::mark_ingested(sas_target const& target)
{
    std::lock_guard const lock(mutex_);
    auto const lookup = [this](sas_target const& which) -> blob*
    {
        auto const in = containers_.find(container_key(which.account, which.resource));
        if (in == containers_.end())
            return nullptr;
        auto const found = in->second.blobs.find(which.object);
        return found != in->second.blobs.end() ? &found->second : nullptr;
    };
    auto* source = lookup(target);
    if (source == nullptr || source->ingested)
        return;
    source->ingested = true;
    auto const weight = mode_ == discard_mode::off ? source->size : discarded_payload;
    ingested_bytes_ += weight;
    ingested_.emplace_back(target, weight);
    while (ingested_bytes_ > ingested_payload_limit && ingested_.size() > 1)
    {
        auto const [oldest, size] = ingested_.front();
        ingested_.pop_front();
        ingested_bytes_ -= size;
        auto const* old = lookup(oldest);
        if (old != nullptr && old->ingested)
            containers_[container_key(oldest.account, oldest.resource)].blobs.erase(oldest.object);
    }
}

blob_service::counters blob_service::counts() const
{
    std::lock_guard const lock(mutex_);
    return counts_;
}

} // namespace kusto::emulator
