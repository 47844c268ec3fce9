#include <wire/ingestion_status.hpp>

#include <array>
#include <base/ascii.hpp>
#include <iterator>
#include <utility>
#include <wire/json.hpp>

namespace kusto::wire
{

namespace
{

// In the order of the service's numbers.
constexpr std::array<std::string_view, 6> statuses{"Pending", "Succeeded", "Failed",
                                                   "Queued",  "Skipped",   "PartiallySucceeded"};
constexpr std::array<std::string_view, 4> failure_statuses{"Unknown", "Permanent", "Transient",
                                                           "Exhausted"};
constexpr std::string_view already_in_batch = "BlobAlreadyReceived_BlobAlreadyFoundInBatch";

/// A field as text: a text, a number, or an object that wraps one of them.
std::string text_of(json::value const& field)
{
    if (field.is_string())
        return printable(std::string_view(field.get_string()));
    if (field.is_int64() || field.is_uint64() || field.is_double())
        return json::serialize(field);
    for (char const* const name : {"value", "_"})
    {
        if (auto const* const inner = member(field, name); inner && !inner->is_object())
            return text_of(*inner);
    }
    return std::string();
}

std::string field_text(json::value const& entity, std::string_view name)
{
    auto const* const field = member(entity, name);
    return field == nullptr ? std::string() : text_of(*field);
}

/// The name that `text` stands for, which may be a number; `text` itself if it is not known.
template <std::size_t Count>
std::string_view named(std::string const& text, std::array<std::string_view, Count> const& names)
{
    for (std::size_t i = 0; i < Count; ++i)
    {
        if (base::equal_ignoring_case(text, names[i]) || text == std::to_string(i))
            return names[i];
    }
    return text;
}

ingestion_state state_of_failure(std::string_view how, std::string const& error_code)
{
    // The same blob came twice and was taken once.
    if (base::equal_ignoring_case(error_code, already_in_batch))
        return ingestion_state::succeeded;
    if (how == "Transient")
        return ingestion_state::pending;
    return how == "Exhausted" ? ingestion_state::exhausted : ingestion_state::failed;
}

ingestion_state state_of(std::string_view status, std::string_view how,
                         std::string const& error_code)
{
    if (status.empty() || status == "Pending")
        return ingestion_state::pending;
    if (status == "Succeeded")
        return ingestion_state::succeeded;
    if (status == "Skipped")
        return ingestion_state::skipped;
    if (status == "PartiallySucceeded")
        return ingestion_state::partial;
    if (status == "Failed")
        return state_of_failure(how, error_code);
    return ingestion_state::unclear;
}

std::string sentence_for(ingestion_state state)
{
    switch (state)
    {
    case ingestion_state::exhausted:
        return "the service could not ingest the batch and has given up trying";
    case ingestion_state::failed:
        return "the service refused to ingest the batch";
    case ingestion_state::partial:
        return "only a part of the batch is in the table";
    default:
        return "the service's status says nothing about the batch";
    }
}

errc code_for(ingestion_state state)
{
    if (state == ingestion_state::exhausted || state == ingestion_state::failed)
        return errc::ingestion_failed;
    return state == ingestion_state::partial ? errc::partially_ingested : errc::outcome_unknown;
}

} // namespace

failure ingestion_status::why(std::string const& batch) const
{
    auto message = sentence_for(state) + ": status " + word + ", batch " + batch;
    if (!blob.empty())
        message += ", blob " + blob;
    if (!operation_id.empty())
        message += ", operation " + operation_id;
    failure what(code_for(state), stage::ingest, std::move(message));
    what.service_code(error_code).server_text(details).attempts(1);
    what.activity_id(activity_id.empty() ? operation_id : activity_id);
    what.retryable(state == ingestion_state::exhausted);
    if (what.code() != errc::ingestion_failed)
        what.outcome(outcome::unknown);
    return what;
}

result<ingestion_status> parse_status(reply const& from)
{
    auto const document = parse_json(from.body);
    if (!document || !document->is_object())
        return from.fail(errc::malformed_reply, "the status of a batch is not a JSON object");
    auto const status = field_text(*document, "Status");
    auto const how = field_text(*document, "FailureStatus");
    ingestion_status read;
    read.error_code = printable(field_text(*document, "ErrorCode"), 128);
    auto const name = named(status, statuses);
    auto const failure_name = named(how, failure_statuses);
    read.state = state_of(name, failure_name, read.error_code);
    read.word = printable(name, 64);
    if (!failure_name.empty())
        read.word += " (" + printable(failure_name, 64) + ")";
    read.details = field_text(*document, "Details");
    read.operation_id = printable(field_text(*document, "OperationId"), 64);
    read.activity_id = printable(field_text(*document, "ActivityId"), 64);
    auto const path = field_text(*document, "IngestionSourcePath");
    read.blob = printable(path.substr(0, path.find('?')), 2048);
    return read;
}

} // namespace kusto::wire
