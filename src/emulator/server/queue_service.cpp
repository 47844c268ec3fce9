#include <emulator/server/queue_service.hpp>

#include <algorithm>
#include <emulator/server/storage_error.hpp>
#include <emulator/server/xml.hpp>

namespace kusto::emulator
{

namespace
{

constexpr std::size_t message_limit = 64 * 1024;
constexpr std::int64_t week_seconds = 7 * 24 * 3600;
constexpr std::int64_t century_seconds = std::int64_t(100) * 366 * 24 * 3600;
// The service's "never": Fri, 31 Dec 9999; the clock's own end is nearer.
constexpr system_time never = system_time::max();
constexpr char const* never_text = "Fri, 31 Dec 9999 23:59:59 GMT";

std::int64_t number_parameter(storage_call const& call, std::string const& name,
                              std::int64_t fallback, std::int64_t low, std::int64_t high)
{
    auto const* text = call.query.find(name);
    if (text == nullptr)
        return fallback;
    auto const value = parse_number(*text);
    if (!value)
        throw invalid_parameter(name, *text, "Not a number.");
    if (*value < low || *value > high)
        throw storage_error(400, "OutOfRangeQueryParameterValue",
                            "One of the query parameters specified in the request URI is outside "
                            "the permissible range.")
            .with("QueryParameterName", name)
            .with("QueryParameterValue", *text)
            .with("MinimumAllowed", std::to_string(low))
            .with("MaximumAllowed", std::to_string(high));
    return *value;
}

std::int64_t time_to_live(storage_call const& call)
{
    auto const* text = call.query.find("messagettl");
    if (text == nullptr)
        return week_seconds;
    auto const value = parse_number(*text);
    bool const infinite = call.version >= "2017-07-29";
    bool const valid =
        value && (*value > 0 || (*value == -1 && infinite)) && (infinite || *value <= week_seconds);
    if (!valid)
        throw invalid_parameter("messagettl", *text,
                                "messagettl must be -1 or a positive number of seconds.");
    return *value;
}

std::string message_text(std::string const& body)
{
    auto const document = parse_xml(body);
    bool const valid = document && document->name == "QueueMessage" &&
                       document->children.size() == 1 &&
                       document->children.front().name == "MessageText" &&
                       document->children.front().children.empty();
    if (!valid)
        throw invalid_xml();
    auto const& text = document->children.front().text;
    if (text.size() > message_limit)
        throw body_too_large(message_limit);
    return text;
}

void check_length(storage_call const& call)
{
    if (!call.http.headers.has("Content-Length"))
        throw storage_error(411, "MissingContentLengthHeader",
                            "The Content-Length header was not specified.");
}

std::string expiry_text(system_time time)
{
    return time == never ? never_text : http_date(time);
}

std::string new_receipt()
{
    return base64_encode(random_bytes(18));
}

response xml_list(std::string const& content, int status)
{
    response answer;
    answer.status = status;
    answer.headers.add("Content-Type", "application/xml");
    answer.body = "<?xml version=\"1.0\" encoding=\"utf-8\"?><QueueMessagesList>" + content +
                  "</QueueMessagesList>";
    return answer;
}

} // namespace

queue_service::queue_service(std::function<void()> on_message) : on_message_(std::move(on_message))
{
}

void queue_service::create_queue(std::string const& account, std::string const& name)
{
    std::lock_guard const lock(mutex_);
    queues_[queue_key(account, name)];
}

bool queue_service::has_queue(std::string const& account, std::string const& name) const
{
    std::lock_guard const lock(mutex_);
    return queues_.count(queue_key(account, name)) != 0;
}

sas_need queue_service::need(storage_call const& call) const
{
    auto const& method = call.http.method;
    bool const one_message = call.tail.size() > 9;
    if (call.tail == "messages" && method == "POST")
        return {"a"};
    if (call.tail == "messages" && method == "GET")
        return call.query.get("peekonly") == "true" ? sas_need{"r"} : sas_need{"p"};
    if (one_message && method == "DELETE")
        return {"p"};
    if (one_message && method == "PUT")
        return {"u"};
    bool const metadata = call.tail.empty() && call.query.get("comp") == "metadata";
    if (metadata && (method == "GET" || method == "HEAD"))
        return {"r", {}, 'c'};
    throw unsupported_verb();
}

response queue_service::handle(storage_call& call)
{
    auto const& method = call.http.method;
    if (call.tail.empty())
        return metadata(call);
    if (method == "POST")
    {
        auto answer = put_message(call);
        if (on_message_)
            on_message_();
        return answer;
    }
    if (method == "GET")
        return get_messages(call);
    return method == "DELETE" ? delete_message(call) : update_message(call);
}

queue_service::queue& queue_service::find_queue(storage_call const& call)
{
    auto const found = queues_.find(queue_key(call.target.account, call.target.resource));
    if (found == queues_.end())
        throw storage_error(404, "QueueNotFound", "The specified queue does not exist.");
    auto& queue = found->second;
    queue.erase(std::remove_if(queue.begin(), queue.end(),
                               [&](message const& m) { return m.expires <= call.now; }),
                queue.end());
    return queue;
}

response queue_service::put_message(storage_call& call)
{
    check_length(call);
    message added;
    added.text = message_text(call.http.body);
    auto const ttl = time_to_live(call);
    auto const delay = number_parameter(call, "visibilitytimeout", 0, 0, week_seconds);
    if (ttl != -1 && delay >= ttl)
        throw invalid_parameter("visibilitytimeout", std::to_string(delay),
                                "visibilitytimeout must be smaller than messagettl.");
    added.id = random_guid();
    added.receipt = new_receipt();
    added.inserted = call.now;
    added.visible = call.now + std::chrono::seconds(delay);
    added.expires =
        ttl == -1 || ttl > century_seconds ? never : call.now + std::chrono::seconds(ttl);

    std::lock_guard const lock(mutex_);
    auto& queue = find_queue(call);
    auto const content = "<QueueMessage><MessageId>" + added.id + "</MessageId><InsertionTime>" +
                         http_date(added.inserted) + "</InsertionTime><ExpirationTime>" +
                         expiry_text(added.expires) + "</ExpirationTime><PopReceipt>" +
                         added.receipt + "</PopReceipt><TimeNextVisible>" +
                         http_date(added.visible) + "</TimeNextVisible></QueueMessage>";
    queue.push_back(std::move(added));
    return xml_list(content, 201);
}

response queue_service::get_messages(storage_call const& call)
{
    bool const peek = call.query.get("peekonly") == "true";
    auto const count = number_parameter(call, "numofmessages", 1, 1, 32);
    auto const hidden = number_parameter(call, "visibilitytimeout", 30, 1, week_seconds);
    std::lock_guard const lock(mutex_);
    std::string content;
    std::int64_t taken = 0;
    for (auto& item : find_queue(call))
    {
        if (taken == count || item.visible > call.now)
            continue;
        ++taken;
        content += "<QueueMessage><MessageId>" + item.id + "</MessageId><InsertionTime>" +
                   http_date(item.inserted) + "</InsertionTime><ExpirationTime>" +
                   expiry_text(item.expires) + "</ExpirationTime>";
        if (!peek)
        {
            item.receipt = new_receipt();
            item.visible = call.now + std::chrono::seconds(hidden);
            ++item.dequeue_count;
            content += "<PopReceipt>" + item.receipt + "</PopReceipt><TimeNextVisible>" +
                       http_date(item.visible) + "</TimeNextVisible>";
        }
        content += "<DequeueCount>" + std::to_string(item.dequeue_count) +
                   "</DequeueCount><MessageText>" + xml_escape(item.text) +
                   "</MessageText></QueueMessage>";
    }
    return xml_list(content, 200);
}

queue_service::message& queue_service::find_message(queue& from, storage_call const& call)
{
    auto const id = call.tail.substr(9);
    auto const found =
        std::find_if(from.begin(), from.end(), [&](message const& m) { return m.id == id; });
    if (found == from.end())
        throw storage_error(404, "MessageNotFound", "The specified message does not exist.");
    if (found->receipt != call.query.get("popreceipt"))
        throw storage_error(
            400, "PopReceiptMismatch",
            "The specified pop receipt did not match the pop receipt for a dequeued "
            "message.");
    return *found;
}

response queue_service::delete_message(storage_call const& call)
{
    std::lock_guard const lock(mutex_);
    auto& queue = find_queue(call);
    auto const id = find_message(queue, call).id;
    queue.erase(
        std::find_if(queue.begin(), queue.end(), [&](message const& m) { return m.id == id; }));
    response answer;
    answer.status = 204;
    return answer;
}

response queue_service::update_message(storage_call& call)
{
    check_length(call);
    if (!call.query.has("visibilitytimeout"))
        throw storage_error(400, "MissingRequiredQueryParameter",
                            "A query parameter that's mandatory for this request is not specified.")
            .with("QueryParameterName", "visibilitytimeout");
    auto const hidden = number_parameter(call, "visibilitytimeout", 0, 0, week_seconds);
    auto const text = call.http.body.empty() ? std::string() : message_text(call.http.body);
    std::lock_guard const lock(mutex_);
    auto& target = find_message(find_queue(call), call);
    if (!call.http.body.empty())
        target.text = text;
    target.visible = call.now + std::chrono::seconds(hidden);
    target.receipt = new_receipt();
    response answer;
    answer.status = 204;
    answer.headers.add("x-ms-popreceipt", target.receipt);
    answer.headers.add("x-ms-time-next-visible", http_date(target.visible));
    return answer;
}

response queue_service::metadata(storage_call const& call)
{
    std::lock_guard const lock(mutex_);
    response answer;
    answer.headers.add("x-ms-approximate-messages-count", std::to_string(find_queue(call).size()));
    return answer;
}

void queue_service::put(std::string const& account, std::string const& name, std::string text,
                        system_time now)
{
    std::lock_guard const lock(mutex_);
    auto const found = queues_.find(queue_key(account, name));
    if (found == queues_.end())
        return;
    message added;
    added.id = random_guid();
    added.text = std::move(text);
    added.receipt = new_receipt();
    added.inserted = now;
    added.visible = now;
    added.expires = now + std::chrono::seconds(week_seconds);
    found->second.push_back(std::move(added));
}

std::vector<queue_service::taken>
queue_service::take_visible(std::string const& account, std::string const& name, system_time now)
{
    std::vector<taken> out;
    std::lock_guard const lock(mutex_);
    auto const found = queues_.find(queue_key(account, name));
    if (found == queues_.end())
        return out;
    queue kept;
    for (auto& item : found->second)
    {
        if (item.visible <= now && item.expires > now)
            out.push_back({std::move(item.text), item.inserted});
        else if (item.expires > now)
            kept.push_back(std::move(item));
    }
    found->second = std::move(kept);
    return out;
}

std::size_t queue_service::size(std::string const& account, std::string const& name) const
{
    std::lock_guard const lock(mutex_);
    auto const found = queues_.find(queue_key(account, name));
    return found != queues_.end() ? found->second.size() : 0;
}

} // namespace kusto::emulator
