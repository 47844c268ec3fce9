#pragma once

#include <emulator/engine.hpp>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace emulator_test
{

using namespace kusto::emulator;

/// One value as text: null is `null`, a string stands in quotes.
inline std::string show(cell const& value)
{
    struct visitor
    {
        std::string operator()(std::monostate) const { return "null"; }
        std::string operator()(bool flag) const { return flag ? "true" : "false"; }
        std::string operator()(std::int64_t number) const { return std::to_string(number); }
        std::string operator()(double number) const
        {
            auto const text = std::to_string(number);
            return text.substr(0, text.find_last_not_of('0') + 1);
        }
        std::string operator()(std::string const& text) const { return "'" + text + "'"; }
    };
    return std::visit(visitor(), value);
}

/// Values separated by commas, rows by blanks.
inline std::string show(result_table const& table)
{
    std::string text;
    for (auto const& values : table.rows)
    {
        if (!text.empty())
            text += " ";
        for (std::size_t i = 0; i < values.size(); ++i)
            text += (i == 0 ? "" : ",") + show(values[i]);
    }
    return text;
}

/// `name:type` separated by commas.
inline std::string columns(result_table const& table)
{
    std::string text;
    for (auto const& column : table.columns)
        text += (text.empty() ? "" : ",") + column.name + ":" + column.type;
    return text;
}

class engine_fixture
{
public:
    engine db{"", {"db", "Other"}};

    result_table command(std::string_view text) { return db.command("db", text); }
    result_table query(std::string_view text) { return db.query("db", text); }
    std::string rows(std::string_view text) { return show(query(text)); }

    static ingest_request request(std::string data, std::string format = "csv",
                                  std::string table = "T")
    {
        ingest_request made;
        made.database = "db";
        made.table = std::move(table);
        made.format = std::move(format);
        made.data = std::move(data);
        made.source_path = "https://store/c/blob";
        return made;
    }

    /// `Succeeded N`, `Skipped`, or the error code.
    std::string ingest(ingest_request const& made)
    {
        auto const result = db.ingest(made);
        if (result.status == "Failed")
            return result.error_code;
        return result.status == "Succeeded" ? "Succeeded " + std::to_string(result.rows)
                                            : result.status;
    }
    std::string ingest(std::string data, std::string format = "csv")
    {
        return ingest(request(std::move(data), std::move(format)));
    }

    /// Code and text of the refusal, or `accepted`.
    std::string refusal_of_command(std::string_view text)
    {
        try
        {
            static_cast<void>(command(text));
        }
        catch (engine_error const& refused)
        {
            return refused.code + " " + refused.what();
        }
        return "accepted";
    }
    std::string refusal_of_query(std::string_view text)
    {
        try
        {
            static_cast<void>(query(text));
        }
        catch (engine_error const& refused)
        {
            return refused.code + " " + refused.what();
        }
        return "accepted";
    }
};

} // namespace emulator_test
