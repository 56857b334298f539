"""What the keys of a protocol file are called in sentences, in both languages."""

from trialwright.protocol.basics import Text


def _words(table: str) -> dict[str, Text]:
    rows = (line.split("|") for line in table.strip().splitlines())
    return {key.strip(): Text(en.strip(), zh.strip()) for key, en, zh in rows}


NOUNS = _words("""
arms | Arm | 分组
products | Product | 产品
release | Release test | 放行检验
inclusion | Inclusion criterion | 入选标准
exclusion | Exclusion criterion | 排除标准
strata | Stratification factor | 分层因素
levels | Level | 层
anchors | Anchor | 基准时点
visits | Visit | 访视
code_lists | Code list | 编码表
forms | Form | 表单
sections | Section | 分节
items | Item | 项目
checks | Check | 核查
endpoints | Endpoint | 终点
intercurrent_events | Intercurrent event | 伴发事件
populations | Population | 分析人群
parts | Part of the consent | 知情同意部分
sources | Source | 来源
""")
"""Sections whose entries are things with a name: what one of them is called."""

KEYS = _words("""
allocation | allocation | 分配
anchor | anchor | 基准时点
at | visit of its last value | 末次取值访视
block_size | block size | 区组大小
block_sizes | block sizes | 区组大小
check | check | 核查表达式
choices | code list | 编码表
completed_by | completed by | 填写角色
consent | consent | 知情同意
criteria | criteria | 标准
date | date | 日期
day | day | 天
days_apart | days apart | 间隔天数
decimals | decimals | 小数位数
definition | definition | 定义
demonstration | demonstration | 演示研究
description | description | 说明
design | design | 设计
detail | detail | 细节
enrolment | enrolment | 入组
expression | computation | 计算式
fallback | fallback | 备用基准
first_after_days | days to the first participant | 至首例随机化的天数
forms | forms | 表单
hint | hint | 提示
identifier | identifier | 研究编号
instructions | instructions | 填写说明
item | item | 项目
kind | kind | 类别
label | name | 名称
languages | languages | 语言
last_after_days | days to the last participant | 至末例随机化的天数
likely_maximum | likely maximum | 通常最大值
likely_minimum | likely minimum | 通常最小值
longest | longest text | 最大字数
masked | masked roles | 盲态角色
masking | masking | 盲法
maximum | maximum | 最大值
message | message | 提示语
minimum | minimum | 最小值
missing | reasons for missing | 缺失原因
more_is_better | whether more is better | 是否越高越好
normal_high | upper limit of normal | 正常值上限
normal_low | lower limit of normal | 正常值下限
note | remark | 备注
only_if | for whom | 适用对象
optional | optional | 可选
origin | origin | 依据类别
participants | participants | 受试者人数
phase | phase | 分期
points | points | 分值
population | population | 分析人群
products | products | 产品
protocol | file format | 文件格式
ratio | ratio | 分配比例
registered_as | registered as | 注册号
remote | by telephone or video | 远程进行
repeating | repeating | 可重复
requires | requirement | 放行要求
run_in | run-in | 先导阶段
safety | safety | 安全性
safety_critical | critical to safety | 安全关键
screening | screening | 筛选期
severity | severity | 严重程度
show_when | condition for asking | 显示条件
signed_by | signed by | 签署角色
sites | sites | 研究中心数
source | source | 来源
sponsor | sponsor | 申办者
step | step | 步骤
strategy | strategy | 处理策略
summary | summary measure | 汇总指标
supplier | supplier | 供应商
synopsis | synopsis | 概要
text | wording | 文字
title | title | 标题
treatments | treatments | 治疗
twin_of | twin of | 对应试验
type | type | 类型
unit | unit | 单位
unmasked | unmasked roles | 非盲角色
unmasking | unmasking | 可致揭盲
use_within_hours | hours until it must be used | 有效使用时限（小时）
value | value | 值
variable | variable | 变量
version | version | 版本
when | condition | 条件
who | rule | 规则
window_after_days | days after | 窗口后天数
window_before_days | days before | 窗口前天数
""")
"""Every other key of the file's grammar."""
