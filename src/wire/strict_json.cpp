#include <wire/json.hpp>

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <string>
#include <vector>

namespace kusto::wire
{

namespace
{

using boost::system::error_code;

/// Sees a document go by, and stops at a name that an object has twice.
class name_watch
{
public:
    static constexpr std::size_t max_object_size = std::size_t(-1);
    static constexpr std::size_t max_array_size = std::size_t(-1);
    static constexpr std::size_t max_key_size = std::size_t(-1);
    static constexpr std::size_t max_string_size = std::size_t(-1);

    bool on_document_begin(error_code&) { return true; }
    bool on_document_end(error_code&) { return true; }
    bool on_object_begin(error_code&)
    {
        names_.emplace_back();
        return true;
    }
    bool on_object_end(std::size_t, error_code&)
    {
        auto last = std::move(names_.back());
        names_.pop_back();
        std::sort(last.begin(), last.end());
        return std::adjacent_find(last.begin(), last.end()) == last.end();
    }
    bool on_array_begin(error_code&) { return true; }
    bool on_array_end(std::size_t, error_code&) { return true; }
    bool on_key_part(json::string_view part, std::size_t, error_code&)
    {
        name_.append(part.data(), part.size());
        return true;
    }
    bool on_key(json::string_view part, std::size_t, error_code&)
    {
        name_.append(part.data(), part.size());
        names_.back().push_back(std::move(name_));
        name_.clear();
        return true;
    }
    bool on_string_part(json::string_view, std::size_t, error_code&) { return true; }
    bool on_string(json::string_view, std::size_t, error_code&) { return true; }
    bool on_number_part(json::string_view, error_code&) { return true; }
    bool on_int64(std::int64_t, json::string_view, error_code&) { return true; }
    bool on_uint64(std::uint64_t, json::string_view, error_code&) { return true; }
    bool on_double(double, json::string_view, error_code&) { return true; }
    bool on_bool(bool, error_code&) { return true; }
    bool on_null(error_code&) { return true; }
    bool on_comment_part(json::string_view, error_code&) { return true; }
    bool on_comment(json::string_view, error_code&) { return true; }

private:
    std::string name_;
    std::vector<std::vector<std::string>> names_; // of the objects that are open
};

bool repeats_a_name(std::string_view text)
{
    json::parse_options options;
    options.max_depth = 256;
    json::basic_parser<name_watch> parser(options);
    error_code ec;
    parser.write_some(false, text.data(), text.size(), ec);
    return !parser.done();
}

} // namespace

std::optional<json::value> parse_strict_json(std::string_view text)
{
    constexpr char byte_order_mark = '\xEF';
    if (text.starts_with(byte_order_mark))
        return std::nullopt;
    auto parsed = parse_json(text);
    if (!parsed || repeats_a_name(text))
        return std::nullopt;
    return parsed;
}

} // namespace kusto::wire
