#pragma once

#include <cstdint>
#include <emulator/engine.hpp>
#include <kusto/emulator/cluster.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace kusto::emulator
{

/// Who calls.
struct principal
{
    bool user = false; ///< a person, and not an application
    std::string client_id;
    std::string object_id; ///< may be empty for an application
    std::string tenant;
    principal_role role = principal_role::admin;

    /// `aadapp=CLIENT` or `aaduser=OBJECT`.
    [[nodiscard]] std::string short_name() const;
    /// The same with `;TENANT`.
    [[nodiscard]] std::string name() const;
};

/// A command that asks what principals may do:
/// `.show principal access with (principal=..., accesstype=..., database=..., table=...)`,
/// `.show database DB principals`, `.show database DB principal roles`, `.show principal roles`.
struct principal_question
{
    enum class subject : std::uint8_t
    {
        access,
        principals,
        roles
    };

    /// Nothing when the text is another command. \throws engine_error when it is malformed
    [[nodiscard]] static std::optional<principal_question> parse(std::string_view text);
    /// Everybody may ask about itself; the principals of a database are for those who may read it.
    /// \throws engine_error
    void check_permission(principal const& who) const;
    [[nodiscard]] result_table answer(principal const& who, std::string const& of_database) const;

    subject about = subject::access;
    std::string database; ///< empty: the request's
    std::string table;    ///< may be empty
    std::string whom;
    std::string access_type;
};

} // namespace kusto::emulator
