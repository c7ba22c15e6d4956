-- What the tree of a document becomes on its way to a format: HTML, on screen and for paper, DOCX or PPTX. What isn't ours
-- was dropped before (reports/document_tree.cpp), so raw HTML that stands here comes from here.

local style, language = 'plain', ''
local is_page = FORMAT:match('html') ~= nil
local is_slides = FORMAT == 'pptx'

-- Intervals get a class, so that they can be set smaller.
local function interval_spans(inlines)
  local result = pandoc.List()
  local inside = nil
  for _, element in ipairs(inlines) do
    local text = element.t == 'Str' and element.text or nil
    if inside == nil and text and text:sub(1, 1) == '[' then inside = pandoc.List() end
    if inside then inside:insert(element) else result:insert(element) end
    if inside and text and text:sub(-1) == ']' then
      result:insert(pandoc.Span(inside, pandoc.Attr('', { 'interval' })))
      inside = nil
    end
  end
  if inside then result:extend(inside) end
  return result
end

-- For paper: only a table that is too long may be divided, and a section with one that is too wide gets pages that are.
-- Columns stand closer before that, and may break their lines where even such a page can't hold them. Of two columns of
-- text, a table of some width takes both.
local longest_undivided, widest_loose, widest_upright, widest_unbroken = 24, 7, 9, 14
local widest_in_column, longest_unbroken = 4, 18

-- How many letters stand side by side: the longest cells of each column, an interval below its value.
local function letters_across(element)
  local most = {}
  local function note(row)
    for i, cell in ipairs(row.cells) do
      local text = pandoc.utils.stringify(pandoc.Div(cell.contents)):gsub('%s*%[.-%]', '')
      local letters = utf8.len(text) or #text
      if element.colspecs[i][1] ~= 'AlignRight' then letters = math.min(letters, longest_unbroken) end -- prose breaks, numbers don't
      most[i] = math.max(most[i] or 0, letters)
    end
  end
  for _, row in ipairs(element.head.rows) do
    for i, cell in ipairs(row.cells) do -- a heading breaks between its words
      for word in pandoc.utils.stringify(pandoc.Div(cell.contents)):gmatch('%S+') do
        most[i] = math.max(most[i] or 0, utf8.len(word) or #word)
      end
    end
  end
  for _, body in ipairs(element.bodies) do
    for _, row in ipairs(body.body) do note(row) end
  end
  local all = 0
  for _, letters in pairs(most) do all = all + letters + 2 end
  return all
end
local most_letters_in_column = 58

local function table_for_paper(element)
  local rows = 0
  for _, body in ipairs(element.bodies) do rows = rows + #body.body end
  if rows > longest_undivided then element.classes:insert('long') end
  if #element.colspecs > widest_loose then element.classes:insert('close') end
  if #element.colspecs > widest_unbroken then element.classes:insert('broken') end
  return pandoc.walk_block(element, { Inlines = interval_spans })
end

local function is_figure(block)
  return (block.t == 'Para' or block.t == 'Plain') and #block.content == 1 and block.content[1].t == 'Image' and block.content[1].title:sub(1, 4) == 'fig:'
end

local function is_notes(block) return block.t == 'Div' and block.classes:includes('notes') end
local function is_small_print(block) return block.t == 'Div' and (block.classes:includes('provenance') or block.classes:includes('notes')) end
local function is_float(block) return block.t == 'Div' and block.classes:includes('float') end

-- <figure> of our own: its label and width belong to it and not to the image.
local function page_figure(block)
  local image = block.content[1]
  local caption = image.caption
  local id = image.identifier ~= '' and ' id="' .. image.identifier .. '"' or ''
  image.identifier, image.title = '', ''
  image.caption = pandoc.List({ pandoc.Str((pandoc.utils.stringify(caption))) })
  return pandoc.List({ pandoc.RawBlock('html', '<figure' .. id .. '>'), pandoc.Plain({ image }),
    pandoc.RawBlock('html', '<figcaption>'), pandoc.Plain(caption), pandoc.RawBlock('html', '</figcaption></figure>') })
end

-- CSS pixels that an SVG of the folder that we work in is wide; nil for other pictures.
local function drawing_width(source)
  if not source:match('^picture%-%d+%.svg$') then return nil end
  local file = io.open(source)
  if not file then return nil end
  local head = file:read(4096) or ''
  file:close()
  local number, unit = (head:match('<svg[^>]*>') or ''):match('%swidth="([%d.]+)(%a*)"')
  return number and tonumber(number) * (unit == 'pt' and 4 / 3 or 1)
end
local widest_figure_in_column = 700 -- beyond, its letters would be too small there

local function spans_both_columns(block)
  for _, part in ipairs(block.content) do
    if part.t == 'Table' then
      return part.classes:includes('wide') or #part.colspecs > widest_in_column and letters_across(part) > most_letters_in_column
    end
    if is_figure(part) then
      local image = part.content[1]
      return image.classes:includes('wide') or (drawing_width(image.src) or 0) > widest_figure_in_column
    end
  end
  return false
end

local function page_float(block)
  if style == 'conference' and spans_both_columns(block) then block.classes:insert('spanning') end
  local parts = pandoc.List()
  for _, part in ipairs(block.content) do
    if is_figure(part) then parts:extend(page_figure(part)) else parts:insert(part) end
  end
  block.content = parts
  return block
end

-- The text of a table's cell in a word processor's file, smaller than the rest: what it knows of marks is kept.
local function runs_of(inlines, points, marks)
  local xml = ''
  for _, element in ipairs(inlines) do
    if element.t == 'Space' or element.t == 'SoftBreak' or element.text then
      local text = (element.text or ' '):gsub('&', '&amp;'):gsub('<', '&lt;'):gsub('>', '&gt;')
      xml = xml .. '<w:r><w:rPr>' .. marks .. '<w:sz w:val="' .. 2 * points .. '"/></w:rPr><w:t xml:space="preserve">' .. text .. '</w:t></w:r>'
    elseif element.t == 'LineBreak' then
      xml = xml .. '<w:r><w:br/></w:r>'
    elseif element.content then
      local mark = element.t == 'Strong' and '<w:b/>' or element.t == 'Emph' and '<w:i/>' or element.t == 'Superscript' and '<w:vertAlign w:val="superscript"/>' or ''
      xml = xml .. runs_of(element.content, points, marks .. mark)
    end
  end
  return xml
end

-- Formulas, links, code and what else there is are pandoc's to write, at its own size.
local written_by_us = { Str = true, Space = true, SoftBreak = true, LineBreak = true, Strong = true, Emph = true, Superscript = true, Span = true }
local function is_ours(inlines)
  for _, element in ipairs(inlines) do
    if not written_by_us[element.t] or element.content and not is_ours(element.content) then return false end
  end
  return true
end

local function office_cells(row, points, marks)
  for _, cell in ipairs(row.cells) do
    for k, block in ipairs(cell.contents) do
      if (block.t == 'Plain' or block.t == 'Para') and is_ours(block.content) then cell.contents[k] = pandoc.Plain({ pandoc.RawInline('openxml', runs_of(block.content, points, marks)) }) end
    end
  end
  return row
end

-- Each column as wide as its longest word needs; all of them at most as wide as the page.
local letters_of_page = { { 9, 78 }, { 8, 88 }, { 7, 100 } } -- by points
local function office_table(element)
  local longest, all = {}, 0
  local function note(row)
    for i, cell in ipairs(row.cells) do
      for word in pandoc.utils.stringify(pandoc.Div(cell.contents)):gmatch('%S+') do longest[i] = math.max(longest[i] or 0, utf8.len(word) or #word) end
    end
  end
  for _, row in ipairs(element.head.rows) do note(row) end
  for _, body in ipairs(element.bodies) do
    for _, row in ipairs(body.body) do note(row) end
  end
  for i = 1, #element.colspecs do
    longest[i] = (longest[i] or 0) + 3 -- the space at both sides
    all = all + longest[i]
  end
  local points, letters
  for _, size in ipairs(letters_of_page) do
    points, letters = size[1], size[2]
    if all <= letters then break end
  end
  for i, spec in ipairs(element.colspecs) do spec[2] = longest[i] / math.max(all, letters) end
  for i, row in ipairs(element.head.rows) do element.head.rows[i] = office_cells(row, points, '<w:b/>') end
  for _, body in ipairs(element.bodies) do
    for i, row in ipairs(body.body) do body.body[i] = office_cells(row, points, '') end
  end
  return element
end

-- pandoc 3 has a block for figures; before that the title of the image said that it is one.
local function office_float(block)
  local parts, notes = pandoc.List(), pandoc.List()
  for _, part in ipairs(block.content) do
    if is_figure(part) and pandoc.Figure then
      local image = part.content[1]
      local caption = pandoc.List({ pandoc.Plain(image.caption) })
      local id = image.identifier
      image.identifier, image.title = '', ''
      parts:insert(pandoc.Figure({ pandoc.Plain({ image }) }, { long = caption }, pandoc.Attr(id)))
    elseif is_slides and part.t == 'Div' then
      notes:extend(part.content)
    elseif part.t == 'Table' and not is_slides then
      parts:insert(office_table(part))
    else
      parts:insert(part)
    end
  end
  if #notes > 0 then parts:insert(pandoc.Div(notes, pandoc.Attr('', { 'notes' }))) end -- a slide has no room for small print
  return parts
end

local function is_wide(block)
  if not is_float(block) then return false end
  for _, part in ipairs(block.content) do
    if part.t == 'Table' and #part.colspecs > widest_upright then return true end
  end
  return false
end

-- Of one column: a section with a table that is too wide lies across.
local function sections_for_paper(blocks)
  local result, section, wide = pandoc.List(), pandoc.List(), false
  local function close()
    if wide then result:insert(pandoc.Div(section, pandoc.Attr('', { 'across' }))) else result:extend(section) end
    section, wide = pandoc.List(), false
  end
  for _, block in ipairs(blocks) do
    if block.t == 'Header' then close() end
    section:insert(block)
    wide = wide or is_wide(block)
  end
  close()
  return result
end

-- A heading of level 1 or 2 begins a slide, and so does a line across.
local function slides_for_paper(blocks)
  local result, slide, kind = pandoc.List(), pandoc.List(), 'slide'
  local function close()
    if #slide > 0 then result:insert(pandoc.Div(slide, pandoc.Attr('slide-' .. (#result + 1), { kind }))) end
    slide, kind = pandoc.List(), 'slide'
  end
  for _, block in ipairs(blocks) do
    local heads = block.t == 'Header' and block.level <= 2
    if heads or block.t == 'HorizontalRule' then close() end
    if heads and block.level == 1 then kind = 'slide part' end
    if block.t ~= 'HorizontalRule' and not is_notes(block) then slide:insert(block) end
  end
  close()
  return result
end

-- What a slide can hold besides its title is a figure, or a table, or text: what else stands below the same heading gets a
-- slide of its own with that heading. Of a figure's caption the first sentence is shown, and all of it in the notes.
local function short_caption(inlines)
  local first = pandoc.List()
  for _, element in ipairs(inlines) do
    local ends = element.t == 'Str' and element.text:match('^(.*[^.])[.;]$')
    first:insert(ends and pandoc.Str(ends) or element)
    if ends then break end
  end
  return first
end

local function slides_for_office(blocks)
  local result, heading, holds = pandoc.List(), nil, ''
  local level = style == 'slides' and 2 or 1 -- of headings that begin a slide
  for _, block in ipairs(blocks) do
    if block.t == 'Header' and block.level <= level then
      heading, holds = block.level == level and block or nil, ''
    elseif not is_small_print(block) and block.t ~= 'RawBlock' then
      local kind = (is_figure(block) or block.t == 'Figure') and 'figure' or block.t == 'Table' and 'table' or 'text'
      if heading and holds ~= '' and (kind ~= 'text' or holds ~= 'text') then result:insert(pandoc.Header(heading.level, heading.content)) end
      holds = kind
      if kind == 'figure' then
        local inlines = block.t == 'Figure' and block.caption.long[1].content or block.content[1].caption
        result:insert(pandoc.Div({ pandoc.Para(inlines) }, pandoc.Attr('', { 'notes' })))
        local short = short_caption(inlines)
        if block.t == 'Figure' then block.caption = { long = { pandoc.Plain(short) } } end
        block = pandoc.walk_block(block, { Image = function(image)
          image.caption = short
          return image
        end })
      end
    end
    result:insert(block)
  end
  return result
end

local function document(doc)
  local blocks = pandoc.List()
  for _, block in ipairs(doc.blocks) do
    if not is_float(block) then
      blocks:insert(block)
    elseif is_page then
      blocks:insert(page_float(block))
    else
      blocks:extend(office_float(block))
    end
  end
  if is_page then
    if style == 'plain' then blocks = sections_for_paper(blocks) end
    if style == 'slides' then blocks = slides_for_paper(blocks) end
  end
  if is_slides then blocks = slides_for_office(blocks) end
  doc.blocks = blocks
  return doc
end

local function small_paragraph(block)
  local text = pandoc.utils.stringify(block):gsub('&', '&amp;'):gsub('<', '&lt;'):gsub('>', '&gt;')
  return pandoc.RawBlock('openxml', '<w:p><w:pPr><w:spacing w:before="0" w:after="40"/></w:pPr><w:r><w:rPr><w:color w:val="555555"/><w:sz w:val="15"/></w:rPr>'
    .. '<w:t xml:space="preserve">' .. text .. '</w:t></w:r></w:p>')
end

-- A word processor's file has no class for small print, and a slide no room for it: there it is a note of the speaker.
local function office_small_print(block)
  if is_page or not is_small_print(block) then return nil end
  if is_slides then return pandoc.Div(block.content, pandoc.Attr('', { 'notes' })) end
  local lines = pandoc.List()
  for _, part in ipairs(block.content) do
    for _, line in ipairs(part.t == 'BulletList' and part.content or { { part } }) do lines:insert(small_paragraph(pandoc.Div(line))) end
  end
  return lines
end

-- English quotation marks as they are set; in Markdown they are typed straight.
local function set_quotes(element)
  if language:sub(1, 2) ~= 'en' then return nil end
  element.text = element.text:gsub("(%w)'(%w)", '%1’%2'):gsub('^"(%w)', '“%1'):gsub('([%w.,;:!?])"', '%1”')
  return element
end

return {
  { Meta = function(meta)
      style = pandoc.utils.stringify(meta.style or 'plain')
      language = pandoc.utils.stringify(meta.lang or '')
    end },
  { Str = set_quotes },
  { Table = table_for_paper },
  { Pandoc = document },
  { Div = office_small_print },
}
