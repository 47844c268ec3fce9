#include <wire/management.hpp>

#include <optional>
#include <wire/result_tables.hpp>

namespace kusto::wire
{

namespace
{

/// Puts the primary result together from the frames of a reply.
class frame_reader
{
public:
    explicit frame_reader(reply const& from) : from_(from) {}

    [[nodiscard]] result<void> read(json::value const& frame)
    {
        auto const type = text_member(frame, "FrameType");
        if (type == "DataTable")
            return read_table(frame, true);
        if (type == "TableHeader")
            return read_table(frame, false);
        if (type == "TableFragment")
            return read_fragment(frame);
        if (type == "TableCompletion")
            return check_errors(member(frame, "OneApiErrors"), from_);
        if (type == "DataSetCompletion")
            return read_completion(frame);
        return {};
    }

    [[nodiscard]] result<table> finish()
    {
        if (!complete_)
            return malformed_result(from_, "was cut off: it has no DataSetCompletion");
        if (!primary_)
            return malformed_result(from_, "holds no primary result");
        return primary_->finish();
    }

private:
    [[nodiscard]] static std::int64_t id_of(json::value const& frame)
    {
        auto const* const id = member(frame, "TableId");
        return id == nullptr ? -1 : whole_number(*id).value_or(-1);
    }

    [[nodiscard]] result<void> read_table(json::value const& frame, bool with_rows)
    {
        if (text_member(frame, "TableKind") != "PrimaryResult" || primary_)
            return {};
        primary_.emplace(std::string(text_member(frame, "TableName")), member(frame, "Columns"));
        id_ = id_of(frame);
        if (!with_rows)
            return {};
        return primary_->append(member(frame, "Rows"), from_);
    }

    [[nodiscard]] result<void> read_fragment(json::value const& frame)
    {
        if (!primary_ || id_of(frame) != id_)
            return {};
        if (text_member(frame, "TableFragmentType") == "DataReplace")
            primary_->clear();
        return primary_->append(member(frame, "Rows"), from_);
    }

    [[nodiscard]] result<void> read_completion(json::value const& frame)
    {
        complete_ = true;
        auto errors = check_errors(member(frame, "OneApiErrors"), from_);
        if (!errors)
            return errors;
        if (flag_member(frame, "HasErrors"))
            return from_.fail(errc::query_failed, "the query failed; the service did not say why");
        if (flag_member(frame, "Cancelled"))
            return from_.fail(errc::query_failed, "the query was cancelled on the service");
        return {};
    }

    reply const& from_;
    std::optional<table_reader> primary_;
    std::int64_t id_ = -1;
    bool complete_ = false;
};

} // namespace

result<table> parse_v2(reply const& from)
{
    if (!from.ok())
        return parse_service_error(from);
    auto const document = parse_json(from.body);
    if (!document)
        return malformed_result(from, "is not JSON, or was cut off");
    if (document->is_object())
        return parse_service_error(from);
    if (!document->is_array())
        return malformed_result(from, "is no list of frames");
    frame_reader reader(from);
    for (auto const& frame : document->get_array())
    {
        auto const read = reader.read(frame);
        if (!read)
            return read.error();
    }
    return reader.finish();
}

} // namespace kusto::wire
