#include "record_source.hpp"

#include "calendar.hpp"

#include <array>
#include <cmath>

namespace kusto::emulator::kql
{

namespace
{

using shape = source_format::shape;
using node_kind = json_reader::node_kind;

std::int64_t ticks_per(transform with, bool& divide)
{
    divide = with == transform::unix_nanoseconds;
    switch (with)
    {
    case transform::unix_seconds:
        return ticks_per_second;
    case transform::unix_milliseconds:
        return ticks_per_second / 1000;
    case transform::unix_microseconds:
        return 10;
    default:
        return 100;
    }
}

/// A number since 1970 as a datetime; null when it is none or out of range.
cell from_unix_time(transform with, std::string_view text)
{
    bool divide = false;
    std::int64_t const scale = ticks_per(with, divide);
    std::int64_t since = 0;
    if (auto const whole = parse_integer(text))
    {
        bool const overflow = !divide && __builtin_mul_overflow(*whole, scale, &since);
        if (overflow)
            return {};
        if (divide)
            since = *whole / scale;
    }
    else
    {
        auto const real = parse_real(text);
        double const scaled =
            real ? (divide ? *real / double(scale) : *real * double(scale)) : std::nan("");
        if (!(std::abs(scaled) < 4e18))
            return {};
        since = std::llround(scaled);
    }
    if (since < -unix_epoch || since > last_tick - unix_epoch)
        return {};
    return unix_epoch + since;
}

class delimited_source final : public record_source
{
public:
    delimited_source(std::string_view data, char separator, ingestion_plan const& plan,
                     bool identity, bool strict, bool skip_first)
        : reader_(data, separator),
          strict_(strict)
    {
        if (identity)
            expected_ = plan.size();
        for (auto const& source : plan)
            if (source.from == column_source::origin::field)
                least_ = std::max(least_, source.ordinal + 1);
        if (skip_first)
            reader_.next(fields_);
    }

    bool next() override
    {
        if (!reader_.next(fields_))
        {
            if (!reader_.error_code().empty())
                throw ingest_failure{reader_.error_code(), reader_.error_text(), true};
            return false;
        }
        if (strict_)
            check_count();
        return true;
    }

    std::size_t number() const override { return reader_.record(); }

    std::optional<std::string_view> text(column_source const& source) const override
    {
        if (source.with != transform::none)
            return std::nullopt;
        return source.ordinal < fields_.size() ? fields_[source.ordinal] : std::string_view();
    }

    cell value(column_source const& source) override
    {
        std::string_view const field =
            source.ordinal < fields_.size() ? fields_[source.ordinal] : std::string_view();
        if (source.with != transform::none)
            return from_unix_time(source.with, field);
        return values_.parse(source.type, field);
    }

private:
    void check_count()
    {
        std::size_t const count = fields_.size();
        if (first_ == 0)
            first_ = count;
        bool const fits = expected_ != 0 ? count == expected_ : count >= least_;
        if (fits && count == first_)
            return;
        std::size_t const wanted = expected_ != 0 ? expected_ : std::max(first_, least_);
        throw ingest_failure{"Stream_WrongNumberOfFields",
                             "record " + std::to_string(reader_.record()) + " has " +
                                 std::to_string(count) + " fields, expected " +
                                 std::to_string(wanted),
                             true};
    }

    delimited_reader reader_;
    bool strict_;
    std::size_t expected_ = 0;
    std::size_t least_ = 0;
    std::size_t first_ = 0;
    std::vector<std::string_view> fields_;
    value_parser values_;
};

class json_source final : public record_source
{
public:
    json_source(std::string_view data, shape layout, bool skip_first) : data_(data), layout_(layout)
    {
        if (layout_ == shape::json_stream)
            open_array();
        if (skip_first)
            next();
    }

    bool next() override
    {
        ++number_;
        switch (layout_)
        {
        case shape::json_lines:
            return next_line();
        case shape::json_stream:
            return next_in_stream();
        default:
            return next_single();
        }
    }

    std::size_t number() const override { return number_; }

    std::optional<std::string_view> text(column_source const&) const override
    {
        return std::nullopt;
    }

    cell value(column_source const& source) override
    {
        auto const index = follow(json_, source.path);
        if (!index)
            return source.type == kind::string ? cell(std::string()) : cell();
        if (source.with != transform::none)
            return from_unix_time(source.with, json_.text(*index));
        return values_.parse(source.type, json_, *index);
    }

private:
    [[noreturn]] void malformed(std::string const& what) const
    {
        throw ingest_failure{"BadRequest_InvalidBlob",
                             "record " + std::to_string(number_) + " is malformed JSON: " + what,
                             true};
    }

    void skip_blanks() noexcept
    {
        at_ = std::min(data_.find_first_not_of(" \t\r\n", at_), data_.size());
    }

    void open_array() noexcept
    {
        skip_blanks();
        in_array_ = at_ < data_.size() && data_[at_] == '[';
        at_ += in_array_ ? 1 : 0;
    }

    /// Lines that are not a JSON object are passed over, as the service does.
    bool next_line()
    {
        while (at_ < data_.size())
        {
            std::size_t const end = std::min(data_.find('\n', at_), data_.size());
            std::string_view const line = data_.substr(at_, end - at_);
            at_ = end + 1;
            if (json_.read_all(line) && json_.root().kind == node_kind::object)
                return true;
        }
        return false;
    }

    bool next_in_stream()
    {
        skip_blanks();
        if (in_array_)
            return next_in_array();
        if (at_ >= data_.size())
            return false;
        read_object();
        return true;
    }

    bool next_in_array()
    {
        char const c = at_ < data_.size() ? data_[at_] : '\0';
        if (c == ']')
        {
            ++at_;
            skip_blanks();
            if (at_ < data_.size())
                malformed("text after the array");
            in_array_ = false;
            return false;
        }
        if (number_ > 1)
        {
            if (c != ',')
                malformed("',' or ']' is missing");
            ++at_;
        }
        read_object();
        return true;
    }

    bool next_single()
    {
        if (number_ > 1)
            return false;
        if (!json_.read_all(data_))
            malformed(json_.error());
        if (json_.root().kind != node_kind::object)
            malformed("not an object");
        return true;
    }

    void read_object()
    {
        if (!json_.read(data_, at_))
            malformed(json_.error());
        if (json_.root().kind != node_kind::object)
            malformed("not an object");
    }

    std::string_view data_;
    shape layout_;
    std::size_t at_ = 0;
    std::size_t number_ = 0;
    bool in_array_ = false;
    json_reader json_;
    value_parser values_;
};

} // namespace

source_format parse_format(std::string_view name)
{
    struct entry
    {
        std::string_view name;
        source_format format;
    };
    static std::array<entry, 8> const known{{
        {"csv", {mapping_kind::csv, ',', shape::delimited}},
        {"tsv", {mapping_kind::csv, '\t', shape::delimited}},
        {"psv", {mapping_kind::csv, '|', shape::delimited}},
        {"scsv", {mapping_kind::csv, ';', shape::delimited}},
        {"sohsv", {mapping_kind::csv, '\x01', shape::delimited}},
        {"json", {mapping_kind::json, ',', shape::json_lines}},
        {"multijson", {mapping_kind::json, ',', shape::json_stream}},
        {"singlejson", {mapping_kind::json, ',', shape::json_single}},
    }};
    if (name.empty())
        return known[0].format;
    for (auto const& candidate : known)
        if (same_text(candidate.name, name))
            return candidate.format;
    throw ingest_failure{"BadRequest_FormatNotSupported",
                         "the local cluster does not read the format '" + std::string(name) + "'",
                         true};
}

std::unique_ptr<record_source> open_source(source_format format, std::string_view data,
                                           ingestion_plan const& plan, bool identity, bool strict,
                                           bool skip_first)
{
    if (format.layout == shape::delimited)
        return std::make_unique<delimited_source>(data, format.separator, plan, identity, strict,
                                                  skip_first);
    return std::make_unique<json_source>(data, format.layout, skip_first);
}

} // namespace kusto::emulator::kql
