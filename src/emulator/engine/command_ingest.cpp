#include "command.hpp"
#include "ingestion_properties.hpp"
#include "mapping.hpp"

namespace kusto::emulator::kql
{

result_table ingest_inline(command_context& context)
{
    lexer& in = context.in;
    in.expect_word("into");
    in.expect_word("table");
    table const& target = existing_table(context);
    auto const properties = with_properties(in);
    if (!in.is_symbol("<|"))
        in.unexpected("'<|'");
    ingest_request request;
    request.database = target.database;
    request.table = target.name;
    std::string_view data = in.behind();
    // The rest of the line with `<|` is not data when it is blank.
    std::size_t const first = data.find_first_not_of(" \t\r");
    if (first != std::string_view::npos && data[first] == '\n')
        data.remove_prefix(first + 1);
    request.data = data;
    try
    {
        apply_ingestion_properties(request, properties);
    }
    catch (ingest_failure const& failure)
    {
        throw engine_error(400, failure.code, "Kusto.Data.Exceptions.KustoBadRequestException",
                           failure.details, failure.permanent);
    }
    auto const done = context.ingest(request);
    if (done.status == "Failed")
        throw engine_error(400, done.error_code, "Kusto.Data.Exceptions.KustoBadRequestException",
                           done.details, done.permanent);
    in = lexer(std::string_view());
    result_table result;
    result.columns = {{"ExtentId", "guid"},
                      {"ItemLoaded", "string"},
                      {"Duration", "timespan"},
                      {"HasErrors", "bool"},
                      {"OperationId", "guid"}};
    result.rows.push_back({done.extent_id.empty() ? cell() : cell(done.extent_id),
                           std::string("inline:") + target.name, std::int64_t(0), false,
                           done.operation_id});
    return result;
}

} // namespace kusto::emulator::kql
