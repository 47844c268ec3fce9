#pragma once

#include <boost/json/object.hpp>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace kusto::emulator
{

/// One row of a storage table: properties without `@odata.type` annotations, and their EDM types.
struct table_entity
{
    boost::json::object values;
    std::map<std::string, std::string> types; ///< property name to `Edm.Int64`, ...
    std::string timestamp;                    ///< ISO, seven digits
    std::string etag;
};

/// How much type information an answer carries.
enum class odata_metadata
{
    none,
    minimal,
    full
};

/// Reads a request body; checks names, types, sizes. Null properties are dropped.
/// \throws storage_error
[[nodiscard]] table_entity parse_entity(std::string_view body);

/// The JSON form of an entity; `select` empty means all properties.
[[nodiscard]] boost::json::object render_entity(table_entity const& entity,
                                                std::string const& account,
                                                std::string const& table, odata_metadata level,
                                                std::vector<std::string> const& select);

/// A `$filter`: comparisons joined by `and`. \throws storage_error for anything else
class table_filter
{
public:
    explicit table_filter(std::string_view text);
    [[nodiscard]] bool matches(table_entity const& entity) const;

private:
    struct comparison
    {
        std::string property;
        std::string op;
        boost::json::value literal;
    };

    std::vector<comparison> comparisons_;
};

} // namespace kusto::emulator
