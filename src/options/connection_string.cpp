#include <kusto/options.hpp>

#include <algorithm>
#include <base/ascii.hpp>
#include <options/keywords.hpp>
#include <set>

namespace kusto
{

namespace
{

using options::keyword;

[[noreturn]] void refuse(std::string why)
{
    throw error(failure(errc::invalid_connection_string, stage::options, std::move(why)));
}

/// A part of the text may be a piece of a secret that should have been quoted; only what looks like
/// a keyword is repeated in an error.
std::string shown_keyword(std::string_view text)
{
    constexpr std::size_t longest = 48;
    bool const plausible =
        text.size() <= longest &&
        std::all_of(text.begin(), text.end(),
                    [](char c) { return base::is_letter(c) || c == ' ' || c == '-'; });
    return plausible ? '`' + std::string(text) + '`' : std::string("(not shown)");
}

/// Splits `key=value;key="va;lue"` into items.
class item_reader
{
public:
    explicit item_reader(std::string_view text) : rest_(text) {}

    /// False at the end. The first item may be a value alone.
    bool next(std::string& key, std::string& value)
    {
        do
        {
            if (rest_.empty())
                return false;
            ++number_;
            auto const end = (std::min)(rest_.find_first_of(";="), rest_.size());
            key = std::string(base::trim(rest_.substr(0, end)));
            bool const bare = end == rest_.size() || rest_[end] == ';';
            rest_.remove_prefix((std::min)(end + 1, rest_.size()));
            value.clear();
            if (!bare)
                read_value(value);
            else if (!key.empty())
                read_bare(key, value);
        } while (key.empty() && value.empty());
        if (key.empty())
            refuse("item " + std::to_string(number_) + " has no keyword before '='");
        return true;
    }

private:
    void read_bare(std::string& key, std::string& value)
    {
        if (number_ != 1)
            refuse("item " + std::to_string(number_) +
                   " has no '='; a value that holds ';' must be in double quotes");
        value = std::move(key);
        key = "Data Source";
    }

    void read_value(std::string& value)
    {
        while (!rest_.empty() && base::is_blank(rest_.front()))
            rest_.remove_prefix(1);
        bool const quoted = !rest_.empty() && (rest_.front() == '"' || rest_.front() == '\'');
        if (quoted)
            return read_quoted(value);
        auto const end = (std::min)(rest_.find(';'), rest_.size());
        value = std::string(base::trim(rest_.substr(0, end)));
        rest_.remove_prefix((std::min)(end + 1, rest_.size()));
    }

    /// A quote inside is doubled.
    void read_quoted(std::string& value)
    {
        char const quote = rest_.front();
        std::size_t i = 1;
        for (;; ++i)
        {
            if (i >= rest_.size())
                refuse("item " + std::to_string(number_) +
                       " has an opening quote and no closing one");
            if (rest_[i] != quote)
                value += rest_[i];
            else if (i + 1 < rest_.size() && rest_[i + 1] == quote)
                value += rest_[i++];
            else
                break;
        }
        auto const end = (std::min)(rest_.find(';', i), rest_.size());
        if (!base::trim(rest_.substr(i + 1, end - i - 1)).empty())
            refuse("item " + std::to_string(number_) +
                   " has text after its closing quote; a quote inside is doubled");
        rest_.remove_prefix((std::min)(end + 1, rest_.size()));
    }

    std::string_view rest_;
    int number_ = 0;
};

bool read_flag(std::string_view name, std::string_view text)
{
    for (std::string_view const yes : {"true", "1", "yes"})
    {
        if (base::equal_ignoring_case(text, yes))
            return true;
    }
    for (std::string_view const no : {"false", "0", "no"})
    {
        if (base::equal_ignoring_case(text, no))
            return false;
    }
    refuse('`' + std::string(name) + "` must be true or false");
}

options::known_keyword const& meaning_of(std::string const& key)
{
    auto const* const known = options::find_keyword(key);
    if (known == nullptr)
    {
        auto const near = options::nearest_keyword(key);
        std::string why = "unknown keyword " + shown_keyword(key);
        if (!near.empty())
            why.append("; did you mean `").append(near).append("`?");
        refuse(std::move(why));
    }
    if (known->meaning == keyword::unsupported)
        refuse("keyword `" + std::string(known->name) +
               "` is not supported; supported credentials: Application Client Id with Application "
               "Key and Authority Id, or credential::callback in code");
    return *known;
}

struct settings
{
    std::string data_source;
    std::string database;
    std::string client_id;
    std::string key;
    std::string tenant;
    std::string application;
    bool has_federated = false;
    bool federated = false;
};

void apply(settings& into, options::known_keyword const& known, std::string value)
{
    switch (known.meaning)
    {
    case keyword::data_source:
        into.data_source = std::move(value);
        break;
    case keyword::initial_catalog:
        into.database = std::move(value);
        break;
    case keyword::application_client_id:
        into.client_id = std::move(value);
        break;
    case keyword::application_key:
        into.key = std::move(value);
        break;
    case keyword::authority_id:
        into.tenant = std::move(value);
        break;
    case keyword::application_name:
        into.application = std::move(value);
        break;
    case keyword::federated_security:
        into.has_federated = true;
        into.federated = read_flag(known.name, value);
        break;
    case keyword::unsupported:
        break;
    }
}

settings read_settings(std::string_view text)
{
    settings read;
    std::set<keyword> seen;
    item_reader items(text);
    std::string key;
    std::string value;
    while (items.next(key, value))
    {
        auto const& known = meaning_of(key);
        if (!seen.insert(known.meaning).second)
            refuse("keyword `" + std::string(known.name) + "` is given twice");
        apply(read, known, std::move(value));
        value.clear();
    }
    return read;
}

credential credential_of(settings const& from)
{
    bool const any = !from.client_id.empty() || !from.key.empty();
    if (!any)
    {
        if (from.federated)
            refuse("`AAD Federated Security` is set, but there are no credentials: `Application "
                   "Client Id`, `Application Key` and `Authority Id` are missing");
        return credential::none();
    }
    if (from.has_federated && !from.federated)
        refuse("`AAD Federated Security` is false, but credentials are given");
    std::string missing;
    auto const note = [&missing](std::string const& value, char const* name)
    {
        if (value.empty())
            missing.append(missing.empty() ? "`" : ", `").append(name).append("`");
    };
    note(from.client_id, "Application Client Id");
    note(from.key, "Application Key");
    note(from.tenant, "Authority Id");
    if (!missing.empty())
        refuse("missing next to the credentials that are given: " + missing);
    return credential::client_secret(from.client_id, from.key, from.tenant);
}

} // namespace

connection_options connection_options::from_connection_string(std::string_view text)
{
    auto const read = read_settings(text);
    if (read.data_source.empty())
        refuse("`Data Source` is missing: the URL of the cluster");
    connection_options made(read.data_source, credential_of(read));
    if (!read.database.empty())
        made.default_database(read.database);
    if (!read.application.empty())
        made.application_name(read.application);
    return made;
}

} // namespace kusto
