#include <doctor/missing_entity.hpp>

#include <array>
#include <auth/amended.hpp>
#include <base/ascii.hpp>
#include <string>
#include <string_view>

namespace kusto::doctor
{

namespace
{

struct sign
{
    std::string_view text;
    missing_entity what;
};

constexpr std::array codes{
    sign{"databasenotexist", missing_entity::database},
    sign{"databasenotfound", missing_entity::database},
    sign{"tablenotexist", missing_entity::table},
    sign{"tablenotfound", missing_entity::table},
};
constexpr std::array words{
    sign{"of kind 'database'", missing_entity::database},
    sign{"of kind 'table'", missing_entity::table},
};

template <class Signs>
missing_entity first_in(std::string const& text, Signs const& signs)
{
    for (auto const& one : signs)
    {
        if (text.find(one.text) != std::string::npos)
            return one.what;
    }
    return missing_entity::none;
}

} // namespace

missing_entity missing_of(failure const& why)
{
    auto const by_code = first_in(base::to_lower(why.service_code()), codes);
    if (by_code != missing_entity::none || why.code() != errc::not_found)
        return by_code;
    auto const by_words = first_in(base::to_lower(why.server_text()), words);
    return by_words == missing_entity::none ? missing_entity::unclear : by_words;
}

failure as_not_found(failure const& why)
{
    return auth::reworded(why, errc::not_found, why.message());
}

} // namespace kusto::doctor
