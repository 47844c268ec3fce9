#include <support/happy_replies.hpp>

#include <boost/json.hpp>
#include <support/happy_storage.hpp>
#include <utility>

namespace kusto::test::replies
{

using async::http_response;

namespace
{

http_response ok(std::string body)
{
    http_response out;
    out.status = 200;
    out.headers.emplace_back("x-ms-activity-id", "service-activity");
    out.body = std::move(body);
    return out;
}

std::string quoted(std::string_view text)
{
    return boost::json::serialize(boost::json::string(text.data(), text.size()));
}

std::string row(std::string_view type, std::string const& host, std::string_view path)
{
    return "[\"" + std::string(type) + "\",\"https://" + host + std::string(path) + '?' +
           happy_storage::sas() + "\"],";
}

} // namespace

http_response metadata()
{
    return ok(R"({"AzureAD":{"LoginEndpoint":"https://login.microsoftonline.com",)"
              R"("LoginMfaRequired":false,"KustoClientAppId":"db662dc1-0cfe-4e1c-a843-19a68e65be58",)"
              R"("KustoServiceResourceId":"https://kusto.kusto.windows.net"}})");
}

http_response token(std::string_view value)
{
    return ok(R"({"token_type":"Bearer","expires_in":3600,"access_token":)" + quoted(value) + "}");
}

http_response resources(std::size_t accounts)
{
    std::string rows;
    for (std::size_t i = 0; i < accounts; ++i)
    {
        auto const name = "acc" + std::to_string(i);
        rows += row("TempStorage", happy_storage::host(name, "blob"), "/ingest");
        rows += row("SecuredReadyForAggregationQueue", happy_storage::host(name, "queue"), "/ready");
        rows += row("IngestionsStatusTable", happy_storage::host(name, "table"), "/status");
    }
    return ok(R"({"Tables":[{"TableName":"Table_0","Columns":[{"ColumnName":"ResourceTypeName",)"
              R"("DataType":"String","ColumnType":"string"},{"ColumnName":"StorageRoot",)"
              R"("DataType":"String","ColumnType":"string"}],"Rows":[)" +
              rows + R"(["SomethingNew","whatever"]]}]})");
}

http_response one_cell(std::string_view column, std::string_view text)
{
    return ok(R"({"Tables":[{"TableName":"Table_0","Columns":[{"ColumnName":")" +
              std::string(column) + R"(","DataType":"String","ColumnType":"string"}],"Rows":[[")" +
              std::string(text) + R"("]]}]})");
}

http_response question(std::string_view command, bool of_engine)
{
    auto const asks = [command](std::string_view part) { return command.find(part) != command.npos; };
    if (asks(".show version"))
        return one_cell("ServiceType", of_engine ? "Engine" : "DataManagement");
    if (asks(" schema as json"))
        return one_cell("Schema", R"({\"OrderedColumns\":[{\"Name\":\"id\",\"CslType\":\"long\"},)"
                                  R"({\"Name\":\"text\",\"CslType\":\"string\"}]})");
    if (asks(" mapping "))
        return ok(R"({"Tables":[{"TableName":"Table_0","Columns":[{"ColumnName":"Name",)"
                  R"("DataType":"String","ColumnType":"string"},{"ColumnName":"Mapping",)"
                  R"("DataType":"String","ColumnType":"string"}],"Rows":[["m",)"
                  R"("[{\"column\":\"id\",\"Properties\":{\"Ordinal\":\"0\"}}]"]]}]})");
    return one_cell("Policy", "null");
}

http_response query_result()
{
    return ok(R"([{"FrameType":"DataSetHeader","IsProgressive":false,"Version":"v2.0"},)"
              R"({"FrameType":"DataTable","TableId":1,"TableKind":"PrimaryResult",)"
              R"("TableName":"PrimaryResult","Columns":[{"ColumnName":"n","ColumnType":"long"}],)"
              R"("Rows":[[1]]},)"
              R"({"FrameType":"DataSetCompletion","HasErrors":false,"Cancelled":false}])");
}

http_response oauth_error(int status, std::string_view code, std::string_view said)
{
    auto out = ok(R"({"error":)" + quoted(code) + R"(,"error_description":)" + quoted(said) + "}");
    out.status = status;
    return out;
}

http_response json(std::string body)
{
    return ok(std::move(body));
}

http_response error(int status, std::string_view code, bool permanent, std::string_view said)
{
    auto out = ok(R"({"error":{"code":)" + quoted(code) + R"(,"message":)" + quoted(said) +
                  R"(,"@type":"Kusto.SomeException","@message":)" + quoted(said) +
                  R"(,"@permanent":)" + (permanent ? "true" : "false") + "}}");
    out.status = status;
    return out;
}

http_response storage_error(int status, std::string_view code, std::string_view said)
{
    std::string text;
    for (char const c : said)
        text += c == '&' ? std::string("&amp;") : std::string(1, c);
    http_response out;
    out.status = status;
    out.headers.emplace_back("x-ms-error-code", std::string(code));
    out.headers.emplace_back("x-ms-request-id", "storage-request");
    out.body = "<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>" + std::string(code) +
               "</Code><Message>" + text + "</Message></Error>";
    return out;
}

} // namespace kusto::test::replies
